"""Pure. Which waiting matches of one person become which deliveries now, and when to look at the others again.

Instant: one mail per story, until the person got `per_hour` of them within an hour. What is over becomes one
bundle: after ten seconds without a further match or a minute at most, and then once in ten minutes.
Digest: all waiting matches of a mode go as soon as one of them has seen its slot; a day has one digest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from services.notifier.digests import latest_slot, next_slot
from shared.subscriptions.words import Every, Kind

HOUR: Final = timedelta(hours=1)
QUIET: Final = timedelta(seconds=10)  # a burst is over when nothing came for so long
LONGEST_WAIT: Final = timedelta(seconds=60)
BETWEEN_BUNDLES: Final = timedelta(minutes=10)
LONGEST: Final[Mapping[Every, timedelta]] = {  # that a plan puts a match off; a day may have 25 hours
    Every.INSTANT: BETWEEN_BUNDLES + 5 * LONGEST_WAIT,
    Every.DAILY: timedelta(hours=26),
    Every.WEEKLY: timedelta(days=7, hours=2),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A match without a delivery, and since when it waits in this mode."""

    match: int
    every: Every
    since: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What the person got: single instant mails in the last hour, the last bundle, the dates of recent digests."""

    singles: int = 0
    last_bundle: datetime | None = None
    digest_dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to insert, and the matches that it carries. `slot` is the local date of a digest."""

    kind: Kind
    matches: tuple[int, ...]
    bundle: bool = False
    slot: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Deliveries to insert now; `later` says when to look again, match by match."""

    deliveries: tuple[Planned, ...] = ()
    later: Mapping[int, datetime] = field(default_factory=dict)


def plan(waiting: Sequence[Waiting], past: Past, now: datetime, zone: str, per_hour: int) -> Plan:
    """What to do with all matches of one person that have no delivery. `per_hour` 0 means never bundled."""
    ordered = sorted(waiting, key=lambda match: (match.since, match.match))
    instant = _instant([match for match in ordered if match.every is Every.INSTANT], past, now, per_hour)
    digest = _digest([match for match in ordered if match.every is not Every.INSTANT], past, now, zone)
    return Plan((*instant.deliveries, *digest.deliveries), {**instant.later, **digest.later})


def _instant(waiting: Sequence[Waiting], past: Past, now: datetime, per_hour: int) -> Plan:
    room = max(0, per_hour - past.singles) if per_hour else len(waiting)
    singles = tuple(Planned(Kind.INSTANT, (match.match,)) for match in waiting[:room])
    over = waiting[room:]
    if not over:
        return Plan(singles)
    ready = _bundle_ready(over, past)
    if now < ready:
        return Plan(singles, {match.match: ready for match in over})
    return Plan((*singles, Planned(Kind.INSTANT, _numbers(over), bundle=True)))


def _bundle_ready(over: Sequence[Waiting], past: Past) -> datetime:
    settled = min(over[-1].since + QUIET, over[0].since + LONGEST_WAIT)
    return max(settled, past.last_bundle + BETWEEN_BUNDLES) if past.last_bundle else settled


def _digest(waiting: Sequence[Waiting], past: Past, now: datetime, zone: str) -> Plan:
    due = {match.every for match in waiting if next_slot(match.every, match.since, zone).moment <= now}
    day = latest_slot(Every.DAILY, now, zone).local_date
    out = day in past.digest_dates  # this slot's digest is out: what is due waits for the next one, in a day
    going = [match for match in waiting if match.every in due and not out]
    later = {
        match.match: next_slot(Every.DAILY if match.every in due else match.every, now, zone).moment
        for match in waiting
        if match.every not in due or out
    }
    return Plan((Planned(Kind.DIGEST, _numbers(going), slot=day),) if going else (), later)


def _numbers(matches: Iterable[Waiting]) -> tuple[int, ...]:
    return tuple(match.match for match in matches)
