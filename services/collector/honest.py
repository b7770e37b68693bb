"""Pure. Whether the dates of a document say anything: some software dates every entry by the clock.

Dates that are those of the fetch or of the build, or that move along with the time that passes, are no evidence:
such entries are taken as undated, so that they count from when they were first seen. One document alone proves
little, for who opens with five releases dates them alike; that they moved since the last one proves it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.collector.decide import Known
from services.collector.entries import ParsedEntry
from services.collector.identify import Identified

FEWEST: Final = 5  # dates that are one by no chance
COMPARED: Final = 2  # entries whose date is known from before that tell whether it stays
MOST: Final = 0.8  # share of them
ONE: Final = timedelta(minutes=1)  # between the first and the last of dates that are one
NEAR: Final = timedelta(minutes=10)  # of the fetch
OLD: Final = timedelta(hours=1)  # of a build that is not the publication of all that is in it
MOVED: Final = timedelta(minutes=10)
ALONG: Final = 0.25  # of the time that passed, by which a date that moves with it may be off
BUILT: Final = "all entries bear the date on which the document was built"
FETCHED: Final = "all entries bear the date on which they are fetched"
MOVES: Final = "the dates of its entries move with the time"
MOVED_AS_ONE: Final = "all entries bear one date, which was another before"


def looks_made(dates: Sequence[datetime | None], now: datetime) -> bool:
    """Whether they may be those of the fetch: only a second one tells."""
    moment = _one(dates)
    return moment is not None and abs(now - moment) <= NEAR


def doubt(
    entries: Sequence[Identified],
    known: Iterable[Known],
    built: datetime | None,
    now: datetime,
    before: str | None,
) -> str | None:
    """Why the dates of these entries are no evidence; None where they may be believed.

    `before` is what was found at the last poll, and holds until dates are seen to stay.
    """
    pairs = list(_pairs(entries, known))
    moved = [(old, new, at) for old, new, at in pairs if abs(new - old) >= MOVED]
    if len(pairs) >= COMPARED and len(moved) >= MOST * len(pairs):
        along = sum(_goes_along(new - old, now - at) for old, new, at in moved)
        if along >= MOST * len(pairs):
            return MOVES
        if _one(_dates(entries)) is not None:
            return MOVED_AS_ONE
    moment = _one(_dates(entries))
    if moment is not None and built is not None and abs(built - moment) <= ONE and now - moment >= OLD:
        return BUILT
    stay = len(pairs) >= COMPARED and len(moved) < MOST * len(pairs)
    return None if stay else before


def move(first: Sequence[ParsedEntry], second: Sequence[ParsedEntry]) -> bool:
    """Whether the entries of two documents, fetched one after the other, are dated later in the second."""
    dates = {(one.guid or one.url, one.title): _date(one) for one in first}
    again = [(dates.get((one.guid or one.url, one.title)), _date(one)) for one in second]
    later = [new > old for old, new in again if old and new]
    return len(later) >= FEWEST and sum(later) >= MOST * len(later)


def as_written(
    remember: Sequence[Known], entries: Sequence[Identified], known: Iterable[Known]
) -> tuple[Known, ...]:
    """What is remembered, with the dates as they are written: a later document is compared with them."""
    dates = {one.entry_key: _date(one.entry) for one in entries}
    dates |= {one.entry_key: one.published for one in known if one.published}
    return tuple(replace(one, published=dates.get(one.entry_key)) for one in remember)


def undated(entry: ParsedEntry) -> ParsedEntry:
    """The entry without its dates; what was written is kept."""
    return replace(entry, published=None, published_on=None, updated=None)


def without_dates(entries: Sequence[Identified]) -> tuple[Identified, ...]:
    return tuple(replace(one, entry=undated(one.entry)) for one in entries)


def _dates(entries: Sequence[Identified]) -> list[datetime | None]:
    """Moments: a day is that of many."""
    return [None if one.entry.published_on else _date(one.entry) for one in entries]


def _date(entry: ParsedEntry) -> datetime | None:
    return entry.published or entry.updated


def _one(dates: Sequence[datetime | None]) -> datetime | None:
    """The moment that all of them are, where there are enough."""
    known = [moment for moment in dates if moment is not None]
    if len(known) < FEWEST or len(known) < len(dates) or max(known) - min(known) > ONE:
        return None
    return max(known)


def _pairs(entries: Sequence[Identified], known: Iterable[Known]) -> Iterable[tuple[datetime, datetime, datetime]]:
    """The dates then and now of entries whose words are unchanged, and when the former was seen."""
    by_key = {one.entry_key: one for one in known}
    for one in entries:
        old, new = by_key.get(one.entry_key), _date(one.entry)
        if old and new and old.published and old.seen_at and old.content_hash == one.content_hash:
            yield old.published, new, old.seen_at


def _goes_along(shift: timedelta, passed: timedelta) -> bool:
    return shift > timedelta() and abs(shift - passed) <= max(MOVED, ALONG * passed)
