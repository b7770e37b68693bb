"""Subscriptions that brought nothing for weeks: their reader is told once, and offered wider terms.

Once for each stretch: who was told hears of it again only when something was found in between, and then nothing
for weeks anew. Found by reading alone; the few that are due are written one person at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

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
LOOKED_AT: Final = 12  # of which: each is a search, and a mail waits for them
AT_ONCE: Final = 200  # people; the rest follow at once, and others get their turn between


@dataclass(frozen=True, slots=True)
class Offer:
    """Wider terms, and how many items they would have brought in those weeks."""

    query: str
    count: int


def tell_of_emptiness(store: Store, at_once: int = AT_ONCE) -> bool:
    """A notice to some people whose subscription has brought nothing for so long. True where there may be more."""
    with store.reading() as session:
        now = store.now(session)
        first = first_match(session, now - EMPTY)
        silent = _empty(now, first, _not_told_since(now)).with_only_columns(col(SubscriptionRow.person))
        people = session.execute(silent.distinct().limit(at_once)).scalars().all()
    for person in people:
        with changing(store) as session:
            _tell(session, person, store.now(session), first)
    return len(people) == at_once


def still_empty(session: Session, ids: Sequence[str], now: datetime) -> Sequence[SubscriptionRow]:
    """Those of these subscriptions that are active, not paused, and have found nothing for so long."""
    silent = _silent(now, first_match(session, now - EMPTY))
    named = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids), *silent)
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
        Offer(each, count(session, f"({each}) {since}"))
        for each in wider(query, lambda t: beside(session, t))[:LOOKED_AT]
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


def _tell(session: Session, person: str, now: datetime, first: int) -> None:
    """Looked at again: another process may have been quicker."""
    theirs = _empty(now, first, _not_told_since(now), SubscriptionRow.person == person)
    in_order = theirs.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))
    rows = session.exec(in_order.limit(NAMED)).all()
    if session.get(PersonRow, person) is None or not rows:
        return
    for each in rows:
        each.told_empty_at = now
        session.add(each)
    about = " ".join(each.id for each in rows)
    enqueue_own(session, Kind.WIDER, person, now, language=rows[0].language, about=about, priority=LAST)


def _empty(now: datetime, first: int, *those: Any) -> SelectOfScalar[SubscriptionRow]:
    """Subscriptions that are silent, and whose reader was not told in this stretch."""
    told = col(SubscriptionRow.told_empty_at)
    found_since = exists().where(
        col(MatchSubscriptionRow.subscription) == col(SubscriptionRow.id),
        col(MatchSubscriptionRow.match_id) == col(MatchRow.id),
        col(MatchRow.matched_at) > told,
    )
    fresh = or_(told.is_(None), told < col(SubscriptionRow.confirmed_at), found_since)
    return select(SubscriptionRow).where(*_silent(now, first), fresh, *those)


def _not_told_since(now: datetime) -> ColumnElement[bool]:
    """Of people who were not told of any of their subscriptions lately."""
    other = aliased(SubscriptionRow)
    return ~exists().where(
        col(other.person) == col(SubscriptionRow.person), col(other.told_empty_at) > now - EMPTY
    )


def _silent(now: datetime, first: int) -> Sequence[Any]:
    """Active, not paused since, of somebody who can be written to; nothing was found from this match on."""
    since, paused = now - EMPTY, col(SubscriptionRow.paused_until)
    found = exists().where(
        col(MatchSubscriptionRow.subscription) == col(SubscriptionRow.id),
        col(MatchSubscriptionRow.match_id) >= first,
    )
    return (
        col(SubscriptionRow.confirmed_at) <= since,
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.group_name).is_(None),  # an operator's, who chose its terms
        or_(paused.is_(None), paused <= since),
        col(SubscriptionRow.person).not_in(suspended()),
        ~found,
    )


def first_match(session: Session, since: datetime) -> int:
    """The first match after a moment: they are numbered as they come, so a few looks find it among millions."""
    low, high = 0, (session.exec(select(func.max(MatchRow.id))).one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        asked = select(MatchRow.id, MatchRow.matched_at).where(col(MatchRow.id) >= middle)
        found = session.exec(asked.order_by(col(MatchRow.id)).limit(1)).first()
        if found is None or found[1] > since:
            high = middle
        else:
            low = (found[0] or 0) + 1
    return low
