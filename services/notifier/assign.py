"""The store door of planning: every due match without a delivery gets one, in the transaction that inserts it.

A crash before this mails late, never not at all; a crash after it finds the delivery in the ledger.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from services.notifier.plan import HOUR, Past, Planned, Waiting, plan
from shared.archive.stories import story_ids
from shared.archive.tables import StoryAliasRow
from shared.store import Store
from shared.subscriptions.ledger import new_id
from shared.subscriptions.matches import settle
from shared.subscriptions.tables import (
    DeliveryRow,
    DigestRunRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.words import Every, Kind, State

PEOPLE: Final = 50  # per transaction: others want to write, too
SLOT: Final = "07:00"
_DAYS: Final = timedelta(days=3)  # how far back a digest can share a local date with now, and then some


def assign(store: Store, per_hour: int) -> bool:
    """Assign what is due, some people at a time. True when there was anything."""
    with store.reading() as session:
        people = _people_with_due(session, store.now(session))
    if not people:
        return False
    with store.writing() as session:
        for person in people:
            _assign_to(session, person, store.now(session), per_hour)
    return True


def _people_with_due(session: Session, now: datetime) -> Sequence[str]:
    due = select(MatchRow.person).where(col(MatchRow.delivery_id).is_(None), col(MatchRow.due_at) <= now)
    return session.exec(due.distinct().limit(PEOPLE)).all()


def _assign_to(session: Session, person_id: str, now: datetime, per_hour: int) -> None:
    locked = select(PersonRow).where(PersonRow.id == person_id).with_for_update()
    person = session.exec(locked).first()
    if person is None:  # erased in the meantime
        return
    _collapse_merged(session, person_id, now)
    waiting = _waiting(session, person_id)
    todo = [Waiting(row.id or 0, Every(row.every), row.matched_at) for row in waiting]
    decided = plan(todo, _past(session, person_id, now), now, person.zone, per_hour)
    by_id = {row.id: row for row in waiting}
    for delivery in decided.deliveries:
        _insert(session, person, delivery, by_id[delivery.matches[0]].story, now)
    for match, due_at in decided.later.items():
        by_id[match].due_at = due_at
        session.add(by_id[match])


def _waiting(session: Session, person: str) -> Sequence[MatchRow]:
    return session.exec(
        select(MatchRow).where(MatchRow.person == person, col(MatchRow.delivery_id).is_(None))
    ).all()


def _past(session: Session, person: str, now: datetime) -> Past:
    instant = select(DeliveryRow).where(
        DeliveryRow.person == person, DeliveryRow.kind == Kind.INSTANT, col(DeliveryRow.late).is_(False)
    )
    recent = session.exec(instant.where(col(DeliveryRow.created_at) > now - HOUR)).all()
    runs = select(col(DigestRunRow.local_date)).where(DigestRunRow.person == person, DigestRunRow.slot == SLOT)
    return Past(
        singles=sum(not row.bundle for row in recent),
        last_bundle=max((row.created_at for row in recent if row.bundle), default=None),
        digest_dates=frozenset(session.exec(runs.where(col(DigestRunRow.at) > now - _DAYS)).all()),
    )


def _insert(session: Session, person: PersonRow, planned: Planned, story: str, now: datetime) -> None:
    row = DeliveryRow(
        id=new_id(),
        key=_key(person.id, planned, story),
        kind=planned.kind,
        state=State.PENDING,
        person=person.id,
        language=_language(session, person, planned.matches),
        bundle=planned.bundle,
        slot=planned.slot,
        created_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    if planned.slot:
        session.add(DigestRunRow(person=person.id, local_date=planned.slot, slot=SLOT, delivery_id=row.id, at=now))
    taken = update(MatchRow).where(col(MatchRow.id).in_(planned.matches), col(MatchRow.delivery_id).is_(None))
    session.execute(taken.values(delivery_id=row.id))


def _key(person: str, planned: Planned, story: str) -> str:
    if planned.slot:
        return f"digest/{person}/{planned.slot.isoformat()}/{SLOT}"
    return f"{'bundle' if planned.bundle else 'instant'}/{person}/{story}"


def _language(session: Session, person: PersonRow, matches: Sequence[int]) -> str:
    """The language of the subscriptions that speak in this mail; the person's where they differ."""
    spoken = (
        select(SubscriptionRow.language)
        .join(MatchSubscriptionRow, col(MatchSubscriptionRow.subscription) == col(SubscriptionRow.id))
        .where(col(MatchSubscriptionRow.match_id).in_(matches))
    )
    languages = session.exec(spoken.distinct()).all()
    return languages[0] if len(languages) == 1 else person.language


def _collapse_merged(session: Session, person: str, now: datetime) -> None:
    """Stories that were merged since they matched are one story: the first of their matches speaks for all."""
    merged = (
        select(MatchRow)
        .join(StoryAliasRow, col(StoryAliasRow.alias) == col(MatchRow.story))
        .where(MatchRow.person == person, col(MatchRow.delivery_id).is_(None))
        .order_by(col(MatchRow.id))
    )
    for row in session.exec(merged).all():
        same = select(MatchRow).where(
            MatchRow.person == person,
            col(MatchRow.story).in_(story_ids(session, row.story)),
            MatchRow.id != row.id,
        )
        first = session.exec(same.order_by(col(MatchRow.id))).first()
        if first is not None:
            _absorb(session, first, row, now)


def _absorb(session: Session, first: MatchRow, row: MatchRow, now: datetime) -> None:
    found = select(MatchSubscriptionRow).where(MatchSubscriptionRow.match_id == row.id)
    for link in session.exec(found).all():
        if session.get(MatchSubscriptionRow, (first.id, link.subscription)) is None:
            moved = MatchSubscriptionRow(
                match_id=first.id or 0, subscription=link.subscription, every=link.every, reasons=link.reasons
            )
            session.add(moved)
        session.delete(link)
    session.flush()
    session.delete(row)
    session.flush()
    if first.delivery_id is None:
        settle(session, first, now)


def due_next(session: Session) -> datetime | None:
    """When the assignment has something to look at; None while nothing waits."""
    waiting = select(func.min(MatchRow.due_at)).where(col(MatchRow.delivery_id).is_(None))
    return session.exec(waiting).first()
