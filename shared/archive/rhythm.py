"""Pure. Whether something is far above its own rhythm: seven days against the weeks of half a year before.

Quiet where a number means nothing: few items, few sources, little history; and after the holidays, when everybody
comes back at once: weeks of August and around Christmas are no rhythm, and everything else must have risen less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from statistics import median
from typing import Final

WEEK: Final = 7
WEEKS: Final = 26  # before the last seven days
LEAST: Final = 5  # items
SOURCES: Final = 2  # that they come from
_HISTORY: Final = 8  # weeks that are no holidays
_TIMES: Final = 2.5  # the usual number
_SPREAD: Final = 4.0  # of what chance makes of it, as in counts that come independently


@dataclass(frozen=True, slots=True)
class Days:
    """Counts of `WEEKS` weeks and the seven days after them: of something, and of all. The last is `until`."""

    until: date
    own: Sequence[int]
    every: Sequence[int]
    sources: int  # that the last seven days' own items come from


def usual(days: Days) -> float | None:
    """The usual number of seven days, if these are far above it; else None."""
    expected, now = expected_of(days), _weeks(days.own)[0]
    if expected is None or days.sources < SOURCES or now < enough(expected):
        return None
    return round(expected, 2)


def expected_of(days: Days) -> float | None:
    """The number of seven days that would be usual now; None where there is too little to say so."""
    _, weeks = _weeks(days.own)
    all_now, all_weeks = _weeks(days.every)
    firsts = [days.until - timedelta(days=WEEK * (n + 2) - 1) for n in range(len(weeks))]
    kept = [n for n, first in enumerate(firsts) if not is_holiday(first) and all_weeks[n]]
    if len(kept) < _HISTORY or is_holiday(days.until - timedelta(days=WEEK - 1)):
        return None
    middle = median(weeks[n] for n in kept)
    return middle * max(1.0, all_now / max(median(all_weeks[n] for n in kept), 1.0))  # everything rose, too


def enough(expected: float) -> int:
    """The least number of seven days that is far above what was to be expected."""
    return max(LEAST, ceil(expected * _TIMES), ceil(expected + _SPREAD * sqrt(max(expected, 1.0))))


def is_holiday(day: date) -> bool:
    """Whether a week that begins here lies in August or around Christmas, when few publish."""
    week = [(each.month, each.day) for each in (day + timedelta(days=n) for n in range(WEEK))]
    return any(each[0] == 8 or each >= (12, 20) or each <= (1, 6) for each in week)


def _weeks(counts: Sequence[int]) -> tuple[int, list[int]]:
    """The last seven days, and the weeks before, the latest first."""
    ends = range(len(counts), 0, -WEEK)
    last, *weeks = [sum(counts[max(end - WEEK, 0) : end]) for end in ends]
    return last, weeks
