"""The secret feed of a subscription: whoever knows its address reads it, until its owner makes another or ends it.

The address is shown once, when it is made. What is stored is its keyed hash, so neither a backup nor an operator's
look at the database opens anybody's feed, and no comparison tells by its time how much of a guess was right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select, update

from shared.errors import NotFound
from shared.subscriptions.elsewhere.tables import SecretFeedRow
from shared.subscriptions.keys import Keys, secret_hash, secret_hashes
from shared.subscriptions.leaving import successor
from shared.subscriptions.rows import shown
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import SubscriptionRow

OCTETS: Final = 20  # of chance in an address


@dataclass(frozen=True, slots=True)
class SecretFeed:
    """An address of a feed as its owner's export tells of it: since when, and until when it held."""

    subscription: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What an address leads to, and its name for ever. `subscription` is None where either has ended."""

    name: str
    subscription: Subscription | None


def make(session: Session, subscription: str, now: datetime, *, keys: Keys) -> str:
    """A new address: the secret part of it. The one before ends."""
    end(session, subscription, now)
    token = token_hex(OCTETS)
    session.add(SecretFeedRow(token_hash=secret_hash(keys, token), subscription=subscription, made_at=now))
    session.flush()
    return token


def end(session: Session, subscription: str, now: datetime) -> None:
    """The feed has no address any more; again changes nothing."""
    ended = update(SecretFeedRow).where(_open(), col(SecretFeedRow.subscription) == subscription)
    session.execute(ended.values(ended_at=now))


def opened(session: Session, token: str, *, keys: Keys) -> Opened:
    """What an address leads to: the subscription, or what took its place. Raises NotFound for a wrong one."""
    hashes = secret_hashes(keys, token)
    row = session.exec(select(SecretFeedRow).where(col(SecretFeedRow.token_hash).in_(hashes))).first()
    if row is None:
        raise NotFound("no feed has this address")
    found = shown(successor(session, session.get_one(SubscriptionRow, row.subscription)))
    return Opened(row.token_hash, found if row.ended_at is None and found.active else None)


def open_since(session: Session, subscription: str) -> datetime | None:
    """Since when the feed of a subscription has its address; None where it has none."""
    theirs = select(SecretFeedRow.made_at).where(_open(), SecretFeedRow.subscription == subscription)
    return session.exec(theirs).first()


def feeds_of(session: Session, person: str) -> Sequence[SecretFeed]:
    """Every address that somebody ever made, the oldest first."""
    theirs = select(SecretFeedRow).join(
        SubscriptionRow, col(SubscriptionRow.id) == col(SecretFeedRow.subscription)
    )
    rows = session.exec(theirs.where(SubscriptionRow.person == person).order_by(col(SecretFeedRow.made_at)))
    return tuple(SecretFeed(row.subscription, row.made_at, row.ended_at) for row in rows)


def hand_over(session: Session, subscription: str, successor_: str) -> None:
    """The addresses of a subscription lead to the one that goes on in its place."""
    theirs = update(SecretFeedRow).where(col(SecretFeedRow.subscription) == subscription)
    session.execute(theirs.values(subscription=successor_))


def erase(session: Session, person: str) -> None:
    """No trace is left of somebody's feeds."""
    theirs = select(SubscriptionRow.id).where(SubscriptionRow.person == person)
    session.execute(delete(SecretFeedRow).where(col(SecretFeedRow.subscription).in_(theirs)))


def _open() -> ColumnElement[bool]:
    return col(SecretFeedRow.ended_at).is_(None)
