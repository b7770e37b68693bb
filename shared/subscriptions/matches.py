"""What happens to matches without a delivery when their subscription changes. Assigned ones are past."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import distinct, func
from sqlmodel import Session, col, delete, select

from shared.subscriptions.options import Strength, mode
from shared.subscriptions.tables import DeliveryRow, MatchRow, MatchSubscriptionRow, SubscriptionRow
from shared.subscriptions.words import Every, State, strongest


def withdraw(session: Session, subscription: str, now: datetime) -> None:
    """The subscription no longer speaks for any waiting match; a match that nobody speaks for goes."""
    waiting = _waiting(session, subscription)
    gone = delete(MatchSubscriptionRow).where(
        col(MatchSubscriptionRow.subscription) == subscription,
        col(MatchSubscriptionRow.match_id).in_([row.id for row in waiting]),
    )
    session.execute(gone)
    for row in waiting:
        settle(session, row, now)


def follow(session: Session, subscription: SubscriptionRow, now: datetime) -> None:
    """The subscription writes as it says from now on; so do the waiting matches, which are looked at again."""
    for row in _waiting(session, subscription.id):
        link = session.get_one(MatchSubscriptionRow, (row.id, subscription.id))
        # what waited for the evening does not go at once because its reader prefers mornings
        link.every, row.due_at, row.waits_since = _mode(link, subscription), now, now
        session.add_all((link, row))
        session.flush()
        settle(session, row, now)


def hand_over(session: Session, subscription: str, successor: SubscriptionRow, now: datetime) -> None:
    """The successor speaks for what has not left yet in the subscription's place; what waits takes its mode."""
    for row in _not_gone(session, subscription):
        _speak_too(session, row, subscription, successor)
    for row in _waiting(session, subscription):
        session.delete(_speak_too(session, row, subscription, successor))
        row.due_at = now
        session.add(row)
        session.flush()
        settle(session, row, now)


def _mode(link: MatchSubscriptionRow, subscription: SubscriptionRow) -> Every:
    return mode(Every(subscription.every), Strength(subscription.strength), sure=link.sure)


def settle(session: Session, row: MatchRow, now: datetime) -> None:
    """Give a waiting match the strongest mode of its subscriptions, or delete it where it has none left.

    In another mode it waits anew: what waited for Monday does not go at once because its reader prefers mornings.
    """
    modes = session.exec(select(MatchSubscriptionRow.every).where(MatchSubscriptionRow.match_id == row.id)).all()
    if not modes:
        session.delete(row)
    elif (every := strongest(*map(Every, modes))) != row.every:
        row.every, row.waits_since = every, now
        row.due_at = now  # the assignment looks at it, and puts it off to its slot
        session.add(row)
    session.flush()


def _speak_too(
    session: Session, row: MatchRow, subscription: str, successor: SubscriptionRow
) -> MatchSubscriptionRow:
    """The successor gives the subscription's reasons. Returns the subscription's own link."""
    link = session.get_one(MatchSubscriptionRow, (row.id, subscription))
    if session.get(MatchSubscriptionRow, (row.id, successor.id)) is None:
        theirs = {"subscription": successor.id, "every": _mode(link, successor)}
        session.add(MatchSubscriptionRow(**{**link.model_dump(), **theirs}))
        session.flush()
    return link


def _not_gone(session: Session, subscription: str) -> Sequence[MatchRow]:
    """Matches in mails that have not left, and may."""
    query = (
        select(MatchRow)
        .join(MatchSubscriptionRow, col(MatchSubscriptionRow.match_id) == col(MatchRow.id))
        .join(DeliveryRow, col(DeliveryRow.id) == col(MatchRow.delivery_id))
        .where(
            MatchSubscriptionRow.subscription == subscription,
            col(DeliveryRow.state).not_in((State.SENT, State.DROPPED)),
        )
    )
    return session.exec(query).all()


def _waiting(session: Session, subscription: str) -> list[MatchRow]:
    query = (
        select(MatchRow)
        .join(MatchSubscriptionRow, col(MatchSubscriptionRow.match_id) == col(MatchRow.id))
        .where(MatchSubscriptionRow.subscription == subscription, col(MatchRow.delivery_id).is_(None))
    )
    return list(session.exec(query.with_for_update(of=MatchRow)).all())  # the assignment waits, or we do


def mails_about(session: Session, item_id: str) -> int:
    """How many mails were sent because of this item."""
    sent = (
        select(func.count(distinct(col(DeliveryRow.id))))
        .join(MatchRow, col(MatchRow.delivery_id) == col(DeliveryRow.id))
        .where(col(MatchRow.item_id) == item_id, DeliveryRow.state == State.SENT)
    )
    return session.exec(sent).one()
