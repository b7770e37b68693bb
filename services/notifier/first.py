"""The store door of first mails: what the archive holds already of what somebody has just begun.

It is found outside the transaction, which looks again at who was told what since. What such a mail shows counts as
told: it is a match like any other, so that no later mail brings the story as new.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.archive.collapse import one_per_story
from shared.archive.found import FoundItem
from shared.archive.search import search
from shared.archive.store import archived_item
from shared.archive.stories import LOCK, story_ids
from shared.errors import QueryError
from shared.query.match import document_of, matches
from shared.query.syntax import parse
from shared.store import Store
from shared.subscriptions.ledger import FIRST, new_id
from shared.subscriptions.reasons import reasons
from shared.subscriptions.tables import DeliveryRow, MatchRow, MatchSubscriptionRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Every, Kind, State

SHOWN: Final = 5  # stories of a subscription
READ: Final = 40  # items that are looked through for them: one event may have many


def introduce(store: Store) -> bool:
    """The first mail of somebody who is owed one. True when there was somebody; who has nothing yet gets none."""
    with store.reading() as session:
        owed = _owed(session, somebody_owed(session))
        found = {row.id: _latest(session, row) for row in owed}
    if not owed:
        return False
    with store.writing() as session:
        store.serialise(session, LOCK)  # as matchers do: a story reaches a person once
        person = session.exec(select(PersonRow).where(PersonRow.id == owed[0].person).with_for_update()).first()
        if person is not None:
            _write(session, person, found, store.now(session))
    return True


def introduce_to(session: Session, person: PersonRow, now: datetime) -> None:
    """The first mail of one person, found and written in one transaction."""
    _write(session, person, {row.id: _latest(session, row) for row in _owed(session, person.id)}, now)


def somebody_owed(session: Session) -> str:
    """Who is owed a first mail for the longest; empty where nobody is."""
    owed = select(SubscriptionRow.person).where(col(SubscriptionRow.introduce_at).is_not(None))
    return session.exec(owed.order_by(col(SubscriptionRow.introduce_at)).limit(1)).first() or ""


def _owed(session: Session, person: str) -> Sequence[SubscriptionRow]:
    """The person's subscriptions that owe a first mail, the oldest first."""
    owed = select(SubscriptionRow).where(
        SubscriptionRow.person == person, col(SubscriptionRow.introduce_at).is_not(None)
    )
    return session.exec(owed.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def _latest(session: Session, row: SubscriptionRow) -> Sequence[FoundItem]:
    """What the query finds, the newest first, a story once; what came since it was confirmed is news."""
    try:
        found = search(session, row.query, limit=READ).items
    except QueryError:  # the grammar has changed since it was stored
        return ()
    begun = row.confirmed_at
    return [item for item in one_per_story(found) if begun is None or item.first_seen < begun]


def _write(session: Session, person: PersonRow, found: Mapping[str, Sequence[FoundItem]], now: datetime) -> None:
    """The mail with its matches; nobody owes it any more."""
    told: dict[str, tuple[FoundItem, SubscriptionRow]] = {}
    for row in _owed(session, person.id):
        if row.id not in found:  # confirmed a moment ago: the next step finds it
            continue
        row.introduce_at = None
        session.add(row)
        if row.ended_at is None:
            told |= {root: (item, row) for root, item in _untold(session, person.id, found[row.id], told).items()}
    if not told:
        return
    id_, (_, first) = new_id(), next(iter(told.values()))
    delivery = DeliveryRow(
        id=id_,
        key=f"{Kind.FIRST}/{first.id}",
        kind=Kind.FIRST,
        state=State.PENDING,
        person=person.id,
        language=first.language,
        priority=FIRST,
        created_at=now,
        due_at=now,
    )
    session.add(delivery)
    session.flush()
    for item, row in told.values():
        _tell(session, item, row, id_, now)


def _untold(
    session: Session, person: str, items: Sequence[FoundItem], told: Mapping[str, object]
) -> Mapping[str, FoundItem]:
    """Root of the story -> item: the newest whose stories the person has not had, under whatever name."""
    fresh: dict[str, FoundItem] = {}
    for item in items:
        ids = story_ids(session, item.story)
        had = select(MatchRow.id).where(MatchRow.person == person, col(MatchRow.story).in_(ids))
        if ids[0] not in (*told, *fresh) and session.exec(had.limit(1)).first() is None:
            fresh[ids[0]] = item
        if len(fresh) == SHOWN:
            break
    return fresh


def _tell(session: Session, found: FoundItem, row: SubscriptionRow, mail: str, now: datetime) -> None:
    """The story reaches the person by this mail, for the reasons that the subscription has."""
    item, query = archived_item(session, found.item_id), parse(row.query)
    if item is None or not matches(query, document_of(item)):  # taken out, or put right, a moment ago
        return
    match = MatchRow(
        person=row.person,
        story=story_ids(session, item.story)[0],
        item_id=item.item_id,
        every=Every(row.every),
        matched_at=now,
        due_at=now,
        delivery_id=mail,
    )
    session.add(match)
    session.flush()
    assert match.id is not None  # flushed
    why = [reason.model_dump() for reason in reasons(query, item, document_of(item))]
    link = MatchSubscriptionRow(match_id=match.id, subscription=row.id, every=Every(row.every), reasons=why)
    session.add(link)
    session.flush()
