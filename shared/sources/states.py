"""Pure. The states of a source, and the rules by which a poll changes them.

Error weights follow what publishers' servers do: a hard error (no such host, not a feed) rarely heals by itself, a
soft one (404, 5xx) often does, a temporary one (time-out, 429) nearly always.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.errors import Trouble


class State(StrEnum):
    """How a source is."""

    NEW = "new"  # never polled
    OK = "ok"
    EMPTY = "empty"  # a valid document without entries
    STALE = "stale"  # nothing new for longer than its rhythm allows
    REBUILT = "rebuilt"  # a listing page that is not what was accepted
    FAILING = "failing"
    BLOCKED = "blocked"  # the server turns us away
    FORBIDDEN = "forbidden"  # robots.txt asks us to stay away
    MOVED = "moved"  # works, but says that its address is another
    GONE = "gone"  # 410: the publisher took it down for good
    PAUSED = "paused"  # an operator or the catalogue switched it off


WORST_FIRST: Final = (
    State.REBUILT,
    State.FAILING,
    State.GONE,
    State.BLOCKED,
    State.FORBIDDEN,
    State.STALE,
    State.EMPTY,
    State.MOVED,
    State.NEW,
    State.OK,
    State.PAUSED,
)
HARD: Final = 1.0
SOFT: Final = 0.5
TEMPORARY: Final = 0.25
WEIGHTS: Final[Mapping[Trouble, float]] = {
    Trouble.DNS: HARD,
    Trouble.TLS: HARD,
    Trouble.NOT_A_FEED: HARD,
    Trouble.TOO_LARGE: HARD,
    Trouble.REFUSED: HARD,
    Trouble.HTTP_4XX: SOFT,  # feeds do answer 404 for a day and come back
    Trouble.HTTP_5XX: SOFT,
    Trouble.CONNECT: TEMPORARY,
    Trouble.TIMEOUT: TEMPORARY,
    Trouble.BUSY: TEMPORARY,
}
FAILING_FROM: Final = 1.0  # score at which a source counts as failing
MOVES: Final = 3  # permanent redirects to one address, in a row, before we believe them
SILENCE: Final = 3.0  # times its usual gap that a source may be silent
LEAST_SILENCE: Final = timedelta(days=14)
MOST_SILENCE: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Health:
    """What polling has taught of a source: the part of its row that these rules read and write.

    `score` is the sum of error weights since the last document that was read; `error` says the last one in words.
    `moved_to` is the permanent redirect's target, `moves` how many polls in a row showed it.
    """

    state: State = State.NEW
    score: float = 0.0
    error: str | None = None
    trouble: Trouble | None = None
    moved_to: str | None = None
    moves: int = 0


def after_document(health: Health, *, entries: int, moved_to: str | None, stale: bool) -> Health:
    """The health after a document was fetched and is a feed, changed or not."""
    moves = _moves(health, moved_to)
    if moves >= MOVES:
        state = State.MOVED
    elif not entries:
        state = State.EMPTY
    else:
        state = State.STALE if stale else State.OK
    return Health(state, moved_to=moved_to, moves=moves)


def after_unmodified(health: Health, *, stale: bool) -> Health:
    """The health after a 304: it proves that the server lives, not that a failure is mended."""
    if health.state is State.OK and stale:
        return Health(State.STALE, moved_to=health.moved_to, moves=health.moves)
    if health.state is State.STALE and not stale:  # what said so was a clock that was ahead
        return replace(health, state=State.OK)
    return health


def after_error(health: Health, trouble: Trouble, error: str) -> Health:
    """The health after a poll that brought no document."""
    score = health.score + WEIGHTS.get(trouble, HARD)
    match trouble:
        case Trouble.BLOCKED:
            state = State.BLOCKED
        case Trouble.FORBIDDEN:
            state = State.FORBIDDEN
        case Trouble.GONE:
            state = State.GONE
        case Trouble.REBUILT:
            state = State.REBUILT
        case Trouble.WAITS:
            state = State.NEW
        case _ if score >= FAILING_FROM or health.state in _RED or health.state is State.NEW:  # no credit yet
            state = State.FAILING
        case _:
            state = health.state
    return Health(state, score, error, trouble, health.moved_to, health.moves)


def is_stale(last_new: datetime | None, gap: timedelta | None, now: datetime) -> bool:
    """Whether nothing new came for longer than three of the source's usual gaps, and two weeks at the least."""
    if last_new is None:
        return False
    allowed = min(MOST_SILENCE, max(LEAST_SILENCE, gap * SILENCE if gap else LEAST_SILENCE))
    return now - last_new > allowed


_RED: Final = frozenset((State.REBUILT, State.FAILING, State.BLOCKED, State.FORBIDDEN, State.GONE))


def _moves(health: Health, moved_to: str | None) -> int:
    if moved_to is None:
        return 0
    return health.moves + 1 if moved_to == health.moved_to else 1
