"""Pure. The slots of digests: local times of day in a person's zone, counted by local date.

A digest run is keyed by (person, local date, slot), never by "the job ran": a slot that falls into the hour that
daylight saving skips is taken an hour later, one that falls into the doubled hour is taken once, the first time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.subscriptions.words import Every

SEVEN: Final = time(7, 0)
MONDAY: Final = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment (UTC) at which digests are due, and the local date that names it."""

    moment: datetime
    local_date: date


def next_slot(every: Every, after: datetime, zone: str, at: time = SEVEN) -> Slot:
    """The first slot later than `after`."""
    day = _local_date(after, zone) - timedelta(days=1)  # the zone may put today's slot on either side of `after`
    while not (_serves(every, day) and _moment(day, zone, at) > after):
        day += timedelta(days=1)
    return Slot(_moment(day, zone, at), day)


def latest_slot(every: Every, now: datetime, zone: str, at: time = SEVEN) -> Slot:
    """The last slot that is not later than `now`."""
    day = _local_date(now, zone) + timedelta(days=1)
    while not (_serves(every, day) and _moment(day, zone, at) <= now):
        day -= timedelta(days=1)
    return Slot(_moment(day, zone, at), day)


def _serves(every: Every, day: date) -> bool:
    return every is not Every.WEEKLY or day.weekday() == MONDAY


def _local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _moment(day: date, zone: str, at: time) -> datetime:
    # fold=0: of a doubled time the first; a skipped one is read with the offset before the change: it lands later
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
