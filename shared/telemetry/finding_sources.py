"""Pure. Findings about sources: one that is sick is its own matter, many that are silent at once are ours.

Silent is who brings no document, and who brings nothing new where nobody does: an old copy handed out on the way.

A source whose address is only assumed counts in nothing before its first success.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.sources.states import State
from shared.telemetry.facts import Watched
from shared.telemetry.finding import Finding, finding
from shared.telemetry.told import Told, as_said, told

LEAST_MANY: Final = 3  # sources that must be silent before there is more to it than themselves
SHARE_MANY: Final = 0.2
SHARE_STILL: Final = 0.8  # some publishers rest at any time, all of them at once hardly ever
SICK: Final = frozenset({State.REBUILT, State.FAILING, State.BLOCKED, State.FORBIDDEN, State.GONE})
STILL: Final = frozenset({State.STALE, State.EMPTY})
QUIET: Final = STILL | {State.MOVED}
OF_THEIR_OWN: Final = frozenset({State.REBUILT, State.GONE})  # no network does that to a source


def of_sources(watched: Sequence[Watched]) -> Iterator[Finding]:
    """What there is to say of the sources that are on."""
    judged = [source for source in watched if source.asked and (source.succeeded or not source.assumed)]
    if not watched:
        yield finding("sources.none", "", told("sources.none"))
    silent = [source for source in judged if _silent(source)]
    sick = [source for source in judged if source.state in SICK]
    if silent and len(silent) == len(judged) and (len(silent) >= LEAST_MANY or len(sick) == len(judged)):
        yield _many("sources.silent", silent, len(judged))
        sick = [source for source in sick if source.state in OF_THEIR_OWN]
    elif len(silent) >= LEAST_MANY and len(silent) > SHARE_MANY * len(judged):
        yield _many("sources.many", silent, len(judged))
    yield from map(_sick, sick)
    yield from _of_quiet([source for source in judged if not _silent(source)])
    if undated := [source for source in judged if source.undated]:
        named = tuple(source.id for source in undated)
        yield finding("sources.undated", "", told("sources.undated", sources=_number(undated), named=named))
    for source in watched:
        if source.refused:
            refused = told("source.refused", n=source.refused, said=source.refusal or "")
            yield finding("source.refused", source.id, refused)
        if source.held:
            entries = told("entries", n=source.held)
            yield finding("source.held", source.id, told("source.held", entries=entries))


def _of_quiet(answering: Sequence[Watched]) -> Iterator[Finding]:
    quiet = [source for source in answering if source.state in QUIET]
    still = [source for source in quiet if source.state in STILL]
    if len(still) >= LEAST_MANY and len(still) > SHARE_STILL * len(answering):
        said = told("sources.still", still=len(still), sources=_number(answering), named=_in_states(still))
        yield finding("sources.still", "", said)
        quiet = [source for source in quiet if source.state not in STILL]
    if quiet:
        said = told("sources.quiet", sources=_number(quiet), named=_in_states(quiet))
        yield finding("sources.quiet", "", said)


def _silent(source: Watched) -> bool:
    """The last poll brought no document: one such says little of a source, many at once say much of us."""
    return source.errors > 0 or source.state in SICK


def _sick(source: Watched) -> Finding:
    return finding("source.sick", source.id, told("source.sick", state=_state(source), said=f"{source.error}"))


def _many(kind: str, silent: Sequence[Watched], judged: int) -> Finding:
    """`judged` sources were asked; these are silent."""
    said = as_said(silent[0].error) if silent[0].error else told("nothing")
    named = tuple(source.id for source in silent)
    sources = told("sources", n=judged)
    return finding(kind, "", told(kind, silent=len(silent), sources=sources, named=named, said=said))


def _in_states(sources: Sequence[Watched]) -> tuple[Told, ...]:
    return tuple(told("source_in_state", source=each.id, state=_state(each)) for each in sources)


def _state(source: Watched) -> Told:
    return told(f"state_{source.state}")


def _number(sources: Sequence[Watched]) -> Told:
    return told("sources", n=len(sources))
