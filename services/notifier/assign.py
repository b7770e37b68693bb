"""The store door of planning: every due match without a delivery gets one, in the transaction that inserts it.

A crash before this mails late, never not at all; a crash after it finds the delivery in the ledger.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CompoundSelect, bindparam, or_, union
from sqlmodel import Session, col, select

from services.notifier.digests import Hour, hour_of
from services.notifier.plan import HOUR, LONGEST, Past, Planned, Voice, Waiting, plan
from shared.archive.stories import story_ids
from shared.archive.tables import StoryAliasRow
from shared.moments import SLACK, not_after
from shared.store import Store
from shared.subscriptions.ledger import LAST, NEXT, new_id
from shared.subscriptions.matches import settle
from shared.subscriptions.rows import options_of
from shared.subscriptions.tables import (
    DeliveryRow,
    DigestRunRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.words import PRECEDENCE, Every, Kind, State

PEOPLE: Final = 50  # per call
_DAYS: Final = timedelta(days=3)  # how far back a digest can share a local date with now, and then some

# What every person costs, made once: to put these statements together takes longer than to carry them out.
_PERSON: Final = select(PersonRow).where(PersonRow.id == bindparam("person")).with_for_update()
_UNTOLD: Final = (MatchRow.person == bindparam("person"), col(MatchRow.delivery_id).is_(None))
_WAITING: Final = select(MatchRow).where(*_UNTOLD).with_for_update()
_INSTANT: Final = select(DeliveryRow.bundle, DeliveryRow.created_at).where(
    DeliveryRow.person == bindparam("person"),
    DeliveryRow.kind == Kind.INSTANT,
    col(DeliveryRow.late).is_(False),
    col(DeliveryRow.created_at) > bindparam("after"),
    col(DeliveryRow.created_at) <= bindparam("until"),
)
_RUNS: Final = select(col(DigestRunRow.local_date), col(DigestRunRow.slot)).where(
    DigestRunRow.person == bindparam("person"), col(DigestRunRow.at) > bindparam("after")
)
_ZONES: Final = select(col(SubscriptionRow.zone)).where(
    SubscriptionRow.person == bindparam("person"),
    col(SubscriptionRow.confirmed_at).is_not(None),
    col(SubscriptionRow.ended_at).is_(None),
)
_SPOKEN: Final = (
    select(MatchSubscriptionRow, SubscriptionRow)
    .join(SubscriptionRow, col(SubscriptionRow.id) == col(MatchSubscriptionRow.subscription))
    .join(MatchRow, col(MatchRow.id) == col(MatchSubscriptionRow.match_id))
    .where(*_UNTOLD)
    .order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))
)


def assign(store: Store, per_hour: int, modes: Sequence[Every] = PRECEDENCE) -> bool:
    """Assign what is due in these modes, some people at a time, news first. True when there was anything."""
    with store.reading() as session:
        now = store.now(session)
        people = next((some for mode in modes if (some := people_with_due(session, mode, now))), ())
    if not people:
        return False
    for person in people:  # each in a transaction of its own: two that lock many people would wait for one another
        with store.writing(durable=False) as session:  # a power cut undoes what nobody has claimed
            assign_to(session, person, store.now(session), per_hour)
    return True


def people_with_due(session: Session, mode: Every, now: datetime) -> Sequence[str]:
    """People with a match to look at: it is due, or put off for longer than ever, by a clock that was ahead."""
    due_at = col(MatchRow.due_at)
    due = select(MatchRow.person).where(
        col(MatchRow.delivery_id).is_(None),
        col(MatchRow.every) == mode,
        or_(due_at <= now, due_at > now + LONGEST[mode]),
    )
    return session.exec(due.distinct().limit(PEOPLE)).all()


def assign_to(session: Session, person_id: str, now: datetime, per_hour: int) -> None:
    """Assign what is due to one person, and say of the rest when it is to be looked at again."""
    person = session.exec(_PERSON, params={"person": person_id}).first()
    if person is None:  # erased in the meantime
        return
    _collapse_merged(session, person_id, now)
    waiting = {row.id: row for row in _waiting(session, person_id, now)}
    spoken = _voices(session, person_id)
    todo = [
        Waiting(id_ or 0, row.waits_since or row.matched_at, tuple(voice for voice, _ in spoken[id_ or 0]))
        for id_, row in waiting.items()
        if spoken[id_ or 0]
    ]
    decided = plan(todo, _past(session, person_id, now), now, per_hour)
    rows = []
    for delivery in decided.deliveries:
        languages = {language for match in delivery.matches for _, language in spoken[match]}
        rows.append(_row(person, delivery, waiting[delivery.matches[0]].story, languages, now))
    session.add_all(rows)
    session.flush()  # the matches and the digest run point at the deliveries
    for row, delivery in zip(rows, decided.deliveries, strict=True):
        for match in delivery.matches:
            waiting[match].delivery_id = row.id
        if delivery.slot and delivery.hour:
            session.add(_run(person, delivery.slot, delivery.hour, row, now))
    for found in waiting.values():
        if found.delivery_id is None:  # no further off than anything ever is, lest it look like a clock's error
            at = decided.later.get(found.id or 0, now + HOUR)
            found.due_at = min(at, now + LONGEST[Every(found.every)])
    session.flush()


def _waiting(session: Session, person: str, now: datetime) -> Sequence[MatchRow]:
    """The person's matches without a delivery, locked: nobody changes or withdraws them meanwhile."""
    found = session.exec(_WAITING, params={"person": person}).all()
    for row in found:
        row.matched_at = not_after(row.matched_at, now)  # its slot is counted from there
        row.waits_since = row.waits_since and not_after(row.waits_since, now)  # or from there
    return found


def _past(session: Session, person: str, now: datetime) -> Past:
    about = {"person": person, "after": now - HOUR, "until": now + SLACK}
    recent = session.exec(_INSTANT, params=about).all()
    runs = session.exec(_RUNS, params={"person": person, "after": now - _DAYS}).all()
    return Past(
        singles=sum(not bundle for bundle, _ in recent),
        last_bundle=max((created_at for bundle, created_at in recent if bundle), default=None),
        digests=frozenset((day, hour_of(label)) for day, label in runs),
        zones=frozenset(session.exec(_ZONES, params={"person": person}).all()),
    )


def _voices(session: Session, person: str) -> Mapping[int, Sequence[tuple[Voice, str]]]:
    """Match -> the subscriptions that speak for it, with their languages, for the matches without a delivery."""
    found: dict[int, list[tuple[Voice, str]]] = defaultdict(list)
    for link, row in session.exec(_SPOKEN, params={"person": person}).all():
        voice = Voice(Every(link.every), options_of(row), row.paused_until)
        found[link.match_id].append((voice, row.language))
    return found


def _row(person: PersonRow, planned: Planned, story: str, languages: set[str], now: datetime) -> DeliveryRow:
    return DeliveryRow(
        id=new_id(),
        key=_key(person.id, planned, story),
        kind=planned.kind,
        state=State.PENDING,
        person=person.id,
        language=languages.pop() if len(languages) == 1 else person.language,
        bundle=planned.bundle,
        slot=planned.slot,
        priority=LAST if planned.kind is Kind.DIGEST else NEXT,
        created_at=now,
        due_at=now,
    )


def _run(person: PersonRow, day: date, hour: Hour, delivery: DeliveryRow, now: datetime) -> DigestRunRow:
    return DigestRunRow(person=person.id, local_date=day, slot=hour.label, delivery_id=delivery.id, at=now)


def _key(person: str, planned: Planned, story: str) -> str:
    if planned.slot and planned.hour:
        return f"digest/{person}/{planned.slot.isoformat()}/{planned.hour.label}"
    return f"{'bundle' if planned.bundle else 'instant'}/{person}/{story}"


def _collapse_merged(session: Session, person: str, now: datetime) -> None:
    """Stories that were merged since they matched are one story: the first of their matches speaks for all."""
    for row in session.exec(_MERGED, params={"person": person}).all():
        same = select(MatchRow).where(
            MatchRow.person == person,
            col(MatchRow.story).in_(story_ids(session, row.story)),
            MatchRow.id != row.id,
        )
        mailed_first = col(MatchRow.delivery_id).is_(None), col(MatchRow.id)
        first = session.exec(same.order_by(*mailed_first)).first()
        if first is not None and (first.delivery_id is not None or (first.id or 0) < (row.id or 0)):
            _absorb(session, first, row, now)


def _merged_stories() -> CompoundSelect[Any]:
    """Every story that was merged into another, and every one that took another in."""
    return union(select(StoryAliasRow.alias), select(StoryAliasRow.story))


_MERGED: Final = (
    select(MatchRow).where(*_UNTOLD).where(col(MatchRow.story).in_(_merged_stories())).order_by(col(MatchRow.id))
)


def _absorb(session: Session, first: MatchRow, row: MatchRow, now: datetime) -> None:
    mail = session.get(DeliveryRow, first.delivery_id) if first.delivery_id else None
    past = mail is not None and mail.state == State.SENT  # who did not speak in it must not end by its leave link
    found = select(MatchSubscriptionRow).where(MatchSubscriptionRow.match_id == row.id)
    for link in session.exec(found).all():
        if not past and session.get(MatchSubscriptionRow, (first.id, link.subscription)) is None:
            session.add(MatchSubscriptionRow(**{**link.model_dump(), "match_id": first.id or 0}))
        session.delete(link)
    session.flush()
    session.delete(row)
    session.flush()
    if first.delivery_id is None:
        settle(session, first, now)
