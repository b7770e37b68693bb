"""Pure. Findings about sources: one that is sick is its own matter, many that are silent at once are ours.

A source whose address is only assumed counts in nothing before its first success.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.sources.states import State
from shared.telemetry.facts import Watched
from shared.telemetry.finding import Finding, counted, finding, listed

LEAST_MANY: Final = 3  # sources that must be silent before there is more to it than themselves
SHARE_MANY: Final = 0.2
SICK: Final = frozenset({State.REBUILT, State.FAILING, State.BLOCKED, State.FORBIDDEN, State.GONE})
QUIET: Final = frozenset({State.STALE, State.EMPTY, State.MOVED})


def of_sources(watched: Sequence[Watched]) -> Iterator[Finding]:
    """What there is to say of the sources that are on."""
    judged = [source for source in watched if source.asked and (source.succeeded or not source.assumed)]
    if not watched:
        yield finding("sources.none", "", "no source is on, so nothing can be found")
    silent = [source for source in judged if _silent(source)]
    sick = [source for source in judged if source.state in SICK]
    if silent and len(silent) == len(judged) and (len(silent) >= LEAST_MANY or len(sick) == len(judged)):
        yield _many("sources.silent", silent, f"none of {counted(len(judged), 'source')} answers")
    elif len(silent) >= LEAST_MANY and len(silent) > SHARE_MANY * len(judged):
        yield _many("sources.many", silent, f"{len(silent)} of {counted(len(judged), 'source')} do not answer")
    else:
        yield from (finding("source.sick", source.id, f"{source.state}: {source.error}") for source in sick)
    if quiet := [f"{source.id} ({source.state})" for source in judged if source.state in QUIET]:
        reason = f"{counted(len(quiet), 'source')} fell silent, came empty or moved: {listed(quiet)}"
        yield finding("sources.quiet", "", reason)
    for source in watched:
        if source.refused:
            mails = counted(source.refused, "mail")
            yield finding("source.refused", source.id, f"{mails} of its senders were not taken: {source.refusal}")
        if source.held:
            kept = counted(source.held, "entry", "entries")
            yield finding(
                "source.held", source.id, f"the flood guard keeps {kept} back, so that they reach nobody"
            )


def _silent(source: Watched) -> bool:
    """The last poll brought no document: one such says little of a source, many at once say much of us."""
    return source.errors > 0 or source.state in SICK


def _many(kind: str, silent: Sequence[Watched], reason: str) -> Finding:
    named = listed([source.id for source in silent])
    return finding(kind, "", f"{reason}: {named}; the first says {silent[0].error or 'nothing'}")
