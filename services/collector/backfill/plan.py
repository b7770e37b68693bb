"""Pure. Which entries of an old page go to the archive, when a look back is over, and what it proves.

Everything goes as backfill. What is fresh is left to the polls: they tell people of it, a look back never does.
What was seen before stays as it is, whatever an old page says of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.collector.decide import FRESH, Known, Plan, SourceFacts, decide, sane
from services.collector.entries import ParsedEntry
from services.collector.identify import Identified
from shared.items import Purpose

DAY: Final = timedelta(days=1)
REACHED: Final = "reached the day that was asked for"
NOTHING_OLDER: Final = "nothing older is linked from there"


class Polls(StrEnum):
    """What of a document the polls bring by themselves, and tell people of."""

    ALL = "all"  # it is the one that they read
    FRESH = "fresh"
    NONE = "none"  # it lies behind the one that they read


@dataclass(frozen=True, slots=True)
class Sorted:
    """The entries of one document by what is done with them, and its earliest and latest date."""

    take: tuple[Identified, ...]
    left_to_polls: int
    too_old: int
    oldest: datetime | None
    newest: datetime | None
    undated: int


def moment_of(entry: ParsedEntry, now: datetime) -> datetime | None:
    return sane(entry.published, now) or sane(entry.updated, now)


def sorted_out(
    entries: Sequence[Identified], since: datetime, last_success: datetime, now: datetime, polls: Polls
) -> Sorted:
    """What to do with the entries of a document; those without a date are as fresh as their document."""
    take, left, old, undated = [], 0, 0, 0
    dates = []
    for entry in entries:
        moment = moment_of(entry.entry, now)
        if moment is None:
            undated += 1
        else:
            dates.append(moment)
        if moment is not None and moment < since:
            old += 1
        elif polls is Polls.ALL or (polls is Polls.FRESH and _is_fresh(entry.entry, moment, last_success)):
            left += 1
        else:
            take.append(entry)
    return Sorted(tuple(take), left, old, min(dates, default=None), max(dates, default=None), undated)


def _is_fresh(entry: ParsedEntry, moment: datetime | None, last_success: datetime) -> bool:
    """Whether the last poll may not have seen it yet. Of a day without a time nobody knows how late it was."""
    if moment is None:
        return True
    return moment + (DAY if entry.published_on else timedelta()) >= last_success - FRESH


def as_backfill(
    take: Sequence[Identified], known: Iterable[Known], source: SourceFacts, now: datetime, language: str | None
) -> Plan:
    """What of these entries is sent and remembered: those alone that were never seen, on the bulk lane."""
    rows = tuple(known)
    plan = decide(take, rows, replace(source, last_success=None), now, language)
    seen = {row.item_id for row in rows}
    bulk = tuple(item for item in plan.bulk if item.item_id not in seen)
    sent = {item.item_id for item in bulk}
    remembered = tuple(one for one in plan.remember if one.item_id in sent and one.purpose is Purpose.BACKFILL)
    return Plan(bulk=bulk, remember=remembered, new=len(bulk))


def complete_from(since: datetime, oldest: datetime | None, ended: str, documents: int) -> datetime | None:
    """From when on the archive now has all of the source, as far as its own pages show; None where nobody can say.

    A single document that links to nothing older proves itself only: there may be more that it does not name.
    """
    if ended == REACHED or (ended == NOTHING_OLDER and documents > 1):
        return since
    if ended == NOTHING_OLDER and oldest is not None:
        return max(since, oldest)
    return None


def shown_from(dates: Sequence[datetime | None]) -> datetime | None:
    """From when on a document shows everything: its last date, where all have one and the newest stands first."""
    known = [date for date in dates if date is not None]
    if not known or len(known) < len(dates) or known != sorted(known, reverse=True):
        return None
    return known[-1]
