"""Pure. When a source is polled next: its own rhythm, the publisher's wishes, errors, and never all at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from shared.errors import Trouble

QUICKEST: Final = 15 * 60.0  # seconds; the adaptive interval stays between these
SLOWEST: Final = 4 * 3600.0
UNKNOWN: Final = 3600.0  # for a source whose rhythm is not known yet
LONGEST_WISH: Final = 6 * 3600.0  # what a publisher may ask for: software writes `ttl` of a day unasked
LONGEST_BACK_OFF: Final = 86_400.0
PER_GAP: Final = 4  # polls in a usual gap between two publications: an eighth of it late on the average
JITTER: Final = 0.1
DATES: Final = 30  # latest publications that tell the rhythm
HOPELESS: Final = {Trouble.FORBIDDEN: 86_400.0, Trouble.GONE: 7 * 86_400.0, Trouble.BLOCKED: 6 * 3600.0}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What decides the next poll. Times in seconds; `interval` is the operator's fixed one.

    `gap` is the source's usual time between two publications; `ttl` and `max_age` are what its document and server
    ask for, `retry_after` what its server asked for just now. `errors` counts the failed polls in a row.
    """

    min_interval: float
    interval: float | None = None
    gap: float | None = None
    ttl: float | None = None
    max_age: float | None = None
    retry_after: float | None = None
    errors: int = 0
    trouble: Trouble | None = None


def next_poll(rhythm: Rhythm, now: datetime, chance: float) -> datetime:
    """When to poll again. `chance` in 0..1 spreads sources that would otherwise come due together."""
    if rhythm.interval is not None:
        seconds = rhythm.interval  # the operator's word: no wish, jitter or back-off changes it
    else:
        seconds = _adaptive(rhythm) * (1 + JITTER * (2 * chance - 1))
    return now + timedelta(seconds=max(seconds, rhythm.min_interval, rhythm.retry_after or 0.0))


def usual_gap(published: Iterable[datetime | None], now: datetime) -> float | None:
    """The median gap between the latest publications, the present silence included; None for fewer than three."""
    moments = sorted({moment for moment in published if moment and moment <= now}, reverse=True)[:DATES]
    if len(moments) < 3:
        return None
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    silence = (now - moments[0]).total_seconds()
    return median([*gaps, silence] if silence > median(gaps) else gaps)


def _adaptive(rhythm: Rhythm) -> float:
    own = UNKNOWN if rhythm.gap is None else min(SLOWEST, max(QUICKEST, rhythm.gap / PER_GAP))
    wished = min(LONGEST_WISH, max(rhythm.ttl or 0.0, rhythm.max_age or 0.0))
    seconds = max(own, wished)
    if rhythm.errors:
        seconds = min(LONGEST_BACK_OFF, seconds * 2.0 ** min(rhythm.errors, 10))
    return max(seconds, HOPELESS.get(rhythm.trouble, 0.0) if rhythm.trouble else 0.0)
