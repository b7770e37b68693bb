"""Pure. The years of days that are written without one: `12. Januar`, `3 mai`, as many listing pages do.

Headings and addresses that name a year say it first, entries with a whole date next to them then, and else it is
the nearest past: what is published was published. Lists are in order, so that in a long one each January begins
another year; a few entries pinned to the top break no order.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

AHEAD: Final = timedelta(days=2)  # zones, and a page that was saved a day before it is read
DISORDER: Final = timedelta(days=45)  # how far entries of one year may be out of order
PINNED: Final = 3  # entries at the top that may be older than what follows

Day = tuple[int, int]  # month and day


def with_years(
    days: Sequence[Day | None], known: Sequence[date | None], hints: Sequence[int | None], today: date | None
) -> list[date | None]:
    """The dates of entries in the order of the page. `known` are whole ones, `hints` years that stand near.

    `today` is when the page was read, None where nobody knows; then only what stands on the page tells a year.
    """
    whole = [day for day in known if day]
    if today is None:
        if not whole and not any(hints):
            return list(known)
        today = max((*whole, *(date(hint, 12, 31) for hint in hints if hint)))
    until = today + AHEAD
    hinted = [_hinted(day, hint, until) for day, hint in zip(days, hints, strict=True)]
    nearest = [
        found or told or (_latest(day, until) if day else None)
        for day, found, told in zip(days, known, hinted, strict=True)
    ]
    fixed = [bool(found or told) for found, told in zip(known, hinted, strict=True)]
    if _ascends(nearest):
        return _in_order(nearest[::-1], fixed[::-1])[::-1]
    return _in_order(nearest, fixed)


def _in_order(dates: Sequence[date | None], fixed: Sequence[bool]) -> list[date | None]:
    """Newest first: what seems newer than the entry above it is of an earlier year."""
    placed: list[date | None] = []
    above: date | None = None
    told = False  # whether a year was said further up
    for number, (day, sure) in enumerate(zip(dates, fixed, strict=True)):
        found = day
        if found and not sure and above and (told or number >= PINNED) and found > above + DISORDER:
            found = _latest((found.month, found.day), above + DISORDER)
        placed.append(found)
        told = told or sure
        above = found or above
    return placed


def _ascends(dates: Sequence[date | None]) -> bool:
    steps = [later > earlier for earlier, later in pairwise(day for day in dates if day) if later != earlier]
    return sum(steps) > len(steps) / 2


def _hinted(day: Day | None, year: int | None, until: date) -> date | None:
    """The day in the year that stands near, unless that is one to come: `Strategie 2030`."""
    found = _in_year(day, year) if day and year else None
    return found if found and found <= until else None


def _latest(day: Day, until: date) -> date | None:
    """The latest such day until then; the 29th of February has one in four years."""
    for year in range(until.year, until.year - 8, -1):
        if (found := _in_year(day, year)) and found <= until:
            return found
    return None


def _in_year(day: Day, year: int) -> date | None:
    try:
        return date(year, *day)
    except ValueError:
        return None
