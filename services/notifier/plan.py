"""Pure. Which waiting matches of one person become which deliveries now, and when to look at the others again.

Instant: one mail per story, until the person got `per_hour` of them within an hour. What is over becomes one
bundle: after ten seconds without a further match or a minute at most, and then once in ten minutes. What came in
quiet hours or while the subscription was paused becomes one bundle when these are over.
Digest: all waiting matches of a rhythm go as soon as one of them has seen its slot. Those of one hour in one zone
share a mail, of which a day has one. A subscription that is paused does not speak.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from services.notifier.digests import Hour, Slot, latest_slot, next_slot
from shared.subscriptions.options import USUAL, Options, is_quiet
from shared.subscriptions.words import Every, Kind, strongest

HOUR: Final = timedelta(hours=1)
QUIET: Final = timedelta(seconds=10)  # a burst is over when nothing came for so long
LONGEST_WAIT: Final = timedelta(seconds=60)
BETWEEN_BUNDLES: Final = timedelta(minutes=10)
LONGEST: Final[Mapping[Every, timedelta]] = {  # that a plan puts a match off; a day may have 25 hours
    Every.INSTANT: HOUR + 5 * LONGEST_WAIT,
    Every.DAILY: timedelta(hours=26),
    Every.WEEKLY: timedelta(days=7, hours=2),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """A subscription that speaks for a match: how it brings this one, and what its reader chose."""

    every: Every
    options: Options = USUAL
    paused_until: datetime | None = None

    @property
    def hour(self) -> Hour:
        return Hour(self.options.zone, self.options.hour)

    @property
    def rhythm(self) -> tuple[Every, Hour, int]:
        """What subscriptions share that write at the same times."""
        return self.every, self.hour, self.options.weekday if self.every is Every.WEEKLY else 0

    def speaks(self, now: datetime) -> bool:
        """Whether it is not paused."""
        return self.paused_until is None or self.paused_until <= now

    def withheld(self, since: datetime) -> bool:
        """Whether quiet hours or a pause kept back what it found then."""
        return is_quiet(self.options, since) or not self.speaks(since)

    def slot_after(self, moment: datetime) -> Slot:
        return next_slot(self.every, moment, self.options.zone, time(self.options.hour), self.options.weekday)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A match without a delivery, since when it waits in its mode, and who speaks for it; somebody always does."""

    match: int
    since: datetime
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What the person got: single instant mails in the last hour, the last bundle, recent digests.

    `zones` are those of the subscriptions that the person has.
    """

    singles: int = 0
    last_bundle: datetime | None = None
    digests: frozenset[tuple[date, Hour]] = frozenset()
    zones: frozenset[str] = frozenset()

    def had(self, day: date, hour: Hour) -> bool:
        """Whether the digest of this slot is out; who moved to another zone has had it where they lived before."""
        return any(
            (day, hour.hour) == (local, other.hour) and (other.zone == hour.zone or other.zone not in self.zones)
            for local, other in self.digests
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to insert, and the matches that it carries. `slot` is the local date of a digest at `hour`."""

    kind: Kind
    matches: tuple[int, ...]
    bundle: bool = False
    slot: date | None = None
    hour: Hour | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Deliveries to insert now; `later` says when to look again, match by match."""

    deliveries: tuple[Planned, ...] = ()
    later: Mapping[int, datetime] = field(default_factory=dict)


def plan(waiting: Sequence[Waiting], past: Past, now: datetime, per_hour: int) -> Plan:
    """What to do with all matches of one person that have no delivery. `per_hour` 0 means never bundled."""
    instant: list[Waiting] = []
    digest: list[Waiting] = []
    later: dict[int, datetime] = {}
    for match in sorted(waiting, key=lambda match: (match.since, match.match)):
        speaking = tuple(voice for voice in match.voices if voice.speaks(now))
        if not speaking:
            later[match.match] = min(now + HOUR, *(v.paused_until for v in match.voices if v.paused_until))
            continue
        mode = strongest(*(voice.every for voice in speaking))
        heard = Waiting(match.match, match.since, tuple(voice for voice in speaking if voice.every is mode))
        (instant if mode is Every.INSTANT else digest).append(heard)
    parts = (_instant(instant, past, now, per_hour), _digest(digest, past, now))
    deliveries = tuple(one for part in parts for one in part.deliveries)
    return Plan(deliveries, {**later, **parts[0].later, **parts[1].later})


def _instant(waiting: Sequence[Waiting], past: Past, now: datetime, per_hour: int) -> Plan:
    later: dict[int, datetime] = {}
    held: list[Waiting] = []
    fresh: list[Waiting] = []
    for match in waiting:
        if all(is_quiet(voice.options, now) for voice in match.voices):
            later[match.match] = min(now + HOUR, *(_awake(voice, now) for voice in match.voices))
        elif all(voice.withheld(match.since) for voice in match.voices):
            held.append(match)
        else:
            fresh.append(match)
    if len(held) == 1:
        fresh, held = sorted([*held, *fresh], key=lambda match: (match.since, match.match)), []
    after = _stream(fresh, past, now, per_hour)
    bundle = (Planned(Kind.INSTANT, _numbers(held), bundle=True),) if held else ()
    return Plan((*bundle, *after.deliveries), {**later, **after.later})


def _awake(voice: Voice, now: datetime) -> datetime:
    """When the quiet hours are over."""
    return next_slot(Every.DAILY, now, voice.options.zone, time(voice.options.quiet_until or 0)).moment


def _stream(waiting: Sequence[Waiting], past: Past, now: datetime, per_hour: int) -> Plan:
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


def _digest(waiting: Sequence[Waiting], past: Past, now: datetime) -> Plan:
    """A slot that was missed is made up for under the last one's name."""
    due = {v.rhythm for match in waiting for v in match.voices if v.slot_after(match.since).moment <= now}
    going: dict[Hour, list[Waiting]] = defaultdict(list)
    later: dict[int, datetime] = {}
    for match in waiting:
        hours = [voice.hour for voice in match.voices if voice.rhythm in due]
        if hours:
            going[hours[0]].append(match)
        else:
            later[match.match] = min(voice.slot_after(now).moment for voice in match.voices)
    deliveries = []
    for hour, matches in going.items():
        day = latest_slot(Every.DAILY, now, hour.zone, hour.at).local_date
        if past.had(day, hour):  # what is due waits for the next one, in a day
            after = next_slot(Every.DAILY, now, hour.zone, hour.at).moment
            later |= {match.match: after for match in matches}
        else:
            deliveries.append(Planned(Kind.DIGEST, _numbers(matches), slot=day, hour=hour))
    return Plan(tuple(deliveries), later)


def _numbers(matches: Iterable[Waiting]) -> tuple[int, ...]:
    return tuple(match.match for match in matches)
