"""The store door of letters: what a delivery says, read together with the consent to say it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from services.notifier.closing import Call, calls_of, closing
from services.notifier.gather_items import items_letter
from services.notifier.gather_own import own_letter
from services.notifier.gather_wider import wider_letter
from services.notifier.letters import Entry, Letter, Speaking
from services.notifier.own_notices import OWN
from services.notifier.stories import Stories, entry_of, speaking
from shared.query.told import sources_named
from shared.sources.names import names_of
from shared.subscriptions.open_wishes import open_wishes
from shared.subscriptions.suspensions import CAME_BACK, suspensions
from shared.subscriptions.tables import DeliveryRow, PersonRow
from shared.subscriptions.words import DEFAULT_ZONE, OF_MATCHES, Every, Kind

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
NAMED: Final = 10  # wishes that one confirmation names, the newest


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to send any more, and why."""

    reason: str


def letters_of(session: Session, rows: Collection[DeliveryRow], now: datetime) -> Mapping[str, Letter | Nothing]:
    """Delivery -> what it says as of now: subscriptions that ended do not speak, and nobody hears what is gone."""
    known = select(PersonRow).where(col(PersonRow.id).in_({row.person for row in rows}))
    people = {person.id: person for person in session.exec(known).all()}
    away = suspensions(session, people)
    stories = Stories(session, [row for row in rows if row.kind in OF_MATCHES], now)
    calls = calls_of(session, {row.slot for row in rows if row.slot is not None})
    letters: dict[str, Letter | Nothing] = {}
    for row in rows:
        person = people.get(row.person or "")
        if row.kind == Kind.OPERATOR:
            letters[row.id] = _note(row)
        elif person is None:
            letters[row.id] = Nothing("the person was erased")
        elif row.kind == Kind.CONFIRM:
            letters[row.id] = _confirmation(session, row, person, now)
        elif person.id in away and row.kind not in (Kind.MOVE, Kind.MOVED):
            letters[row.id] = Nothing(CAME_BACK)
        elif row.kind == Kind.WIDER:
            said = wider_letter(session, row, person, now)
            letters[row.id] = Nothing(said) if isinstance(said, str) else said
        elif row.kind in (Kind.UPDATED, Kind.SAMPLE):
            said = items_letter(session, row, person, now)
            letters[row.id] = Nothing(said) if isinstance(said, str) else said
        elif row.kind in OWN:
            said = own_letter(session, row, person, now)
            letters[row.id] = Nothing(said) if isinstance(said, str) else said
        else:
            letters[row.id] = _items(stories, row, person, calls)
    return _with_names(session, letters)


def _with_names(session: Session, letters: Mapping[str, Letter | Nothing]) -> Mapping[str, Letter | Nothing]:
    """The letters with the names of the sources that they speak of."""
    said = [letter for letter in letters.values() if isinstance(letter, Letter)]
    queries = (sources_named(each.query) for letter in said for each in letter.subscriptions)
    others = (
        frozenset((*entry.also, *(other.source for other in entry.others)))
        for letter in said
        for entry in letter.entries
    )
    names = names_of(session, frozenset().union(*queries, *others))
    if not names:
        return letters
    return {
        id_: _named(letter, names) if isinstance(letter, Letter) else letter for id_, letter in letters.items()
    }


def _named(letter: Letter, names: Mapping[str, str]) -> Letter:
    entries = [
        replace(
            entry,
            also=tuple(names.get(source, source) for source in entry.also),
            others=tuple(replace(one, source=names.get(one.source, one.source)) for one in entry.others),
        )
        if entry.also or entry.others
        else entry
        for entry in letter.entries
    ]
    return replace(letter, publishers=names, entries=tuple(entries))


def _note(row: DeliveryRow) -> Letter:
    return Letter(
        delivery=row.id,
        kind=Kind.OPERATOR,
        language=row.language,
        recipient=row.recipient or "",
        zone=DEFAULT_ZONE,
        day=_day(row, DEFAULT_ZONE),
        subject=row.subject or "",
        note=row.body or "",
    )


def _confirmation(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | Nothing:
    wishes = open_wishes(session, person.id, now)
    if not wishes:
        return Nothing("the confirmation is not open any more")
    return Letter(
        delivery=row.id,
        kind=Kind.CONFIRM,
        language=row.language,
        recipient=person.address,
        zone=person.zone,
        day=_day(row, person.zone),
        person=person.id,
        subscriptions=tuple(map(speaking, wishes[:NAMED])),
        unnamed=len(wishes[NAMED:]),
    )


def _items(stories: Stories, row: DeliveryRow, person: PersonRow, calls: Sequence[Call]) -> Letter | Nothing:
    subscriptions: dict[str, Speaking] = {}
    entries: list[Entry] = []
    roots: set[str] = set()
    # a digest has time to choose: who reads French gets what the French body wrote of it
    for told in stories.told_by(row.id, "" if row.kind == Kind.INSTANT else row.language):
        subscriptions |= {each.id: each for each in told.found.speaking}
        entries.append(entry_of(told))
        roots.add(told.held.root)
    if not entries:
        return Nothing("nothing is left to say: subscriptions ended, or no longer find what the mail was about")
    zone = _zone(subscriptions.values(), person)
    return Letter(
        delivery=row.id,
        kind=Kind(row.kind),
        language=row.language,
        recipient=person.address,
        zone=zone,
        person=person.id,
        subscriptions=tuple(subscriptions.values()),
        entries=tuple(entries),
        day=row.slot or _day(row, zone),
        since=_since(row, subscriptions.values()) if row.kind == Kind.DIGEST else None,
        closing=closing(calls, subscriptions.values(), roots, row.slot) if row.slot else (),
    )


def _zone(speaking: Iterable[Speaking], person: PersonRow) -> str:
    """Where its reader lives: what all of the subscriptions say, else what is known of the person."""
    zones = {each.options.zone for each in speaking}
    return zones.pop() if len(zones) == 1 else person.zone


def _since(row: DeliveryRow, speaking: Iterable[Speaking]) -> datetime:
    """What a digest speaks of: a day or a week, to the hour, so that those of one slot ask the same."""
    weekly = all(each.every is Every.WEEKLY for each in speaking)
    return row.created_at.replace(minute=0, second=0, microsecond=0) - (WEEK if weekly else DAY)


def _day(row: DeliveryRow, zone: str) -> date:
    return row.created_at.astimezone(ZoneInfo(zone)).date()
