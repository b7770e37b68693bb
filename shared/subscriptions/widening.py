"""Subscriptions that brought nothing for weeks: their reader is told once, and offered wider terms.

Once for each stretch: who was told hears of it again only when something was found in between, and then nothing
for weeks anew. Found by reading alone; the few that are due are written one person at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import exists
from sqlmodel import Session, col, func, or_, select

from shared.archive.beside import beside
from shared.archive.search import count
from shared.errors import NotFound
from shared.query.wider import wider
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.keys import Keys
from shared.subscriptions.ledger import LAST, enqueue_own
from shared.subscriptions.links import Purpose, verify
from shared.subscriptions.preview import TOO_MANY_PER_DAY
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import suspended
from shared.subscriptions.tables import (
    BounceRow,
    DeliveryRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.version import changing
from shared.subscriptions.words import Kind, State
from shared.themes import themes

EMPTY: Final = timedelta(weeks=4)
NAMED: Final = 5  # subscriptions of one notice; the others' turn is four weeks later
OFFERED: Final = 3  # wider terms of a subscription


@dataclass(frozen=True, slots=True)
class Offer:
    """Wider terms, and how many items they would have brought in those weeks."""

    query: str
    count: int


def tell_of_emptiness(store: Store) -> bool:
    """A notice to everybody whose subscription has brought nothing for so long. Never in a hurry: False."""
    with store.reading() as session:
        people = list(dict.fromkeys(row.person for row in _empty(session, store.now(session))))
    for person in people:
        with changing(store) as session:
            _tell(session, person, store.now(session))
    return False


def still_empty(session: Session, ids: Sequence[str], now: datetime) -> Sequence[SubscriptionRow]:
    """Those of these subscriptions that are active, not paused, and have found nothing for so long."""
    named = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids), *_silent(session, now))
    return session.exec(named.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def told(session: Session, row: SubscriptionRow) -> datetime | None:
    """When the reader of a subscription was told, for what takes its place; None where that mail never arrived."""
    lost = (
        select(DeliveryRow.id)
        .outerjoin(BounceRow, col(BounceRow.delivery) == col(DeliveryRow.id))
        .where(
            DeliveryRow.person == row.person,
            DeliveryRow.kind == Kind.WIDER,
            DeliveryRow.created_at == row.told_empty_at,
            col(DeliveryRow.state).in_((State.FAILED, State.DROPPED)) | col(BounceRow.delivery).is_not(None),
        )
    )
    return None if session.exec(lost.limit(1)).first() else row.told_empty_at


def offers(session: Session, query: str, now: datetime) -> tuple[Offer, ...]:
    """Wider terms that find something, and no flood; those that find least, and so are nearest, come first."""
    since = f"after:{(now - EMPTY).date().isoformat()}"
    found = [
        Offer(each, count(session, f"({each}) {since}")) for each in wider(query, lambda t: beside(session, t))
    ]
    fitting = [each for each in found if 0 < each.count <= TOO_MANY_PER_DAY * EMPTY.days]
    return tuple(sorted(fitting, key=lambda each: each.count)[:OFFERED])


def subject(subscription: str, query: str) -> str:
    """What the link of an offer stands for."""
    return f"{subscription}-{_digest(query)}"


def offered(session: Session, token: str, now: datetime, *, keys: Keys) -> tuple[Subscription, str]:
    """The subscription and the wider terms of a link. Raises BadLink, or NotFound where it has others now."""
    id_, _, named = verify(keys, Purpose.WIDEN, token, now).partition("-")
    subscription = lifecycle.as_it_stands(session, id_)
    terms = wider(subscription.query, lambda _: themes())
    query = next((each for each in terms if _digest(each) == named), None)
    if query is None or not subscription.active:
        raise NotFound("this subscription has ended, or its terms are not these any more")
    return subscription, query


def widen(session: Session, token: str, now: datetime, *, keys: Keys) -> Subscription:
    """Give the subscription its wider terms. Raises BadLink, NotFound."""
    subscription, query = offered(session, token, now, keys=keys)
    return lifecycle.change(session, subscription.id, now, keys=keys, query=query, origin="widened")


def _digest(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:16]


def _tell(session: Session, person: str, now: datetime) -> None:
    """Looked at again: another process may have been quicker."""
    recent = select(SubscriptionRow.id).where(
        SubscriptionRow.person == person, col(SubscriptionRow.told_empty_at) > now - EMPTY
    )
    row = session.get(PersonRow, person)
    rows = [each for each in _empty(session, now, person) if each.person == person][:NAMED]
    if row is None or not rows or session.exec(recent.limit(1)).first() is not None:
        return
    for each in rows:
        each.told_empty_at = now
        session.add(each)
    about = " ".join(each.id for each in rows)
    enqueue_own(session, Kind.WIDER, person, now, language=rows[0].language, about=about, priority=LAST)


def _empty(session: Session, now: datetime, person: str | None = None) -> Sequence[SubscriptionRow]:
    """Subscriptions that are silent, and whose reader was not told in this stretch."""
    told = col(SubscriptionRow.told_empty_at)
    found_since = exists().where(
        col(MatchSubscriptionRow.subscription) == col(SubscriptionRow.id),
        col(MatchSubscriptionRow.match_id) == col(MatchRow.id),
        col(MatchRow.matched_at) > told,
    )
    fresh = or_(told.is_(None), told < col(SubscriptionRow.confirmed_at), found_since)
    which = select(SubscriptionRow).where(*_silent(session, now), fresh)
    if person is not None:
        which = which.where(SubscriptionRow.person == person)
    return session.exec(which.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def _silent(session: Session, now: datetime) -> Sequence[Any]:
    """Active, not paused since, of somebody who can be written to; nothing was found for so long."""
    since, paused = now - EMPTY, col(SubscriptionRow.paused_until)
    first = session.exec(select(func.min(MatchRow.id)).where(col(MatchRow.matched_at) > since)).one()
    silent = [
        col(SubscriptionRow.confirmed_at) <= since,
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.group_name).is_(None),  # an operator's, who chose its terms
        or_(paused.is_(None), paused <= since),
        col(SubscriptionRow.person).not_in(suspended()),
    ]
    if first is not None:
        found = select(MatchSubscriptionRow.subscription).where(col(MatchSubscriptionRow.match_id) >= first)
        silent.append(col(SubscriptionRow.id).not_in(found))
    return silent
