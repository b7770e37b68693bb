"""Pure. The slots of digests: hours of the day in the zone of a subscription, counted by local date.

A digest run is keyed by (person, local date, hour and zone), never by "the job ran": a slot that falls into the
hour that daylight saving skips is taken an hour later, one in the doubled hour is taken once, the first time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.subscriptions.options import MONDAY
from shared.subscriptions.words import DEFAULT_ZONE, Every

SEVEN: Final = time(7, 0)


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment (UTC) at which digests are due, and the local date that names it."""

    moment: datetime
    local_date: date


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the day somewhere: what readers of one digest share."""

    zone: str
    hour: int

    @property
    def label(self) -> str:
        """As a digest run is kept under it; the usual zone goes without saying, as it always did."""
        return f"{self.hour:02}:00" if self.zone == DEFAULT_ZONE else f"{self.hour:02}:00 {self.zone}"

    @property
    def at(self) -> time:
        return time(self.hour)


def hour_of(label: str) -> Hour:
    """The hour of a label."""
    clock, _, zone = label.partition(" ")
    return Hour(zone or DEFAULT_ZONE, int(clock[:2]))


def next_slot(every: Every, after: datetime, zone: str, at: time = SEVEN, weekday: int = MONDAY) -> Slot:
    """The first slot later than `after`."""
    day = _local_date(after, zone) - timedelta(days=1)  # the zone may put today's slot on either side of `after`
    while not (_serves(every, day, weekday) and _moment(day, zone, at) > after):
        day += timedelta(days=1)
    return Slot(_moment(day, zone, at), day)


def latest_slot(every: Every, now: datetime, zone: str, at: time = SEVEN, weekday: int = MONDAY) -> Slot:
    """The last slot that is not later than `now`."""
    day = _local_date(now, zone) + timedelta(days=1)
    while not (_serves(every, day, weekday) and _moment(day, zone, at) <= now):
        day -= timedelta(days=1)
    return Slot(_moment(day, zone, at), day)


def _serves(every: Every, day: date, weekday: int) -> bool:
    return every is not Every.WEEKLY or day.weekday() == weekday


def _local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _moment(day: date, zone: str, at: time) -> datetime:
    # fold=0: of a doubled time the first; a skipped one is read with the offset before the change: it lands later
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
