"""People for operators and for themselves: list, export, erase, and the purge of what nobody confirmed.

An erasure removes the address everywhere. The consent record stays, under the keyed hash of the address: it proves
what was agreed to whoever brings the address, and names nobody to anybody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, delete, select

from shared.errors import NotFound
from shared.subscriptions.addresses import normalise
from shared.subscriptions.consent import ConsentLine, consent_of, record, record_erasure
from shared.subscriptions.deliveries import Delivery, list_deliveries
from shared.subscriptions.elsewhere import feeds, ways, webhooks
from shared.subscriptions.elsewhere.feeds import SecretFeed
from shared.subscriptions.elsewhere.webhooks import Webhook
from shared.subscriptions.keys import Keys
from shared.subscriptions.lifecycle import all_subscriptions, subscriptions_of
from shared.subscriptions.links import CONFIRM_WITHIN
from shared.subscriptions.open_wishes import drop
from shared.subscriptions.score import Bounce
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import Suspension, bounces_of, forget_person, suspension_of, suspensions
from shared.subscriptions.tables import (
    AddressChangeRow,
    DeliveryRow,
    DigestRunRow,
    MatchRow,
    MatchSubscriptionRow,
    PersonRow,
    SubscriptionRow,
)
from shared.subscriptions.version import bump, lock
from shared.subscriptions.words import Consent

FORGET_AFTER: Final = timedelta(days=28)  # after somebody's last subscription ended


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address and their subscriptions."""

    id: str
    address: str
    language: str
    zone: str
    created_at: datetime
    subscriptions: tuple[Subscription, ...]
    suspension: Suspension | None = None  # mails to them came back: they get nothing


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is stored about a person."""

    person: Person
    consent: tuple[ConsentLine, ...]
    bounces: tuple[Bounce, ...]
    deliveries: tuple[Delivery, ...]
    feeds: tuple[SecretFeed, ...] = ()
    webhooks: tuple[Webhook, ...] = ()


def find(session: Session, address: str) -> Person:
    """The person of an address, in whatever spelling. Raises BadAddress or NotFound."""
    row = session.exec(select(PersonRow).where(PersonRow.address == normalise(address))).first()
    if row is None:
        raise NotFound("nobody has this address")
    return _shown(row, subscriptions_of(session, row.id), suspension_of(session, row.id))


def everybody(session: Session) -> tuple[Person, ...]:
    """All people, by address."""
    by_person = all_subscriptions(session)
    rows = session.exec(select(PersonRow).order_by(PersonRow.address)).all()
    away = suspensions(session)
    return tuple(_shown(row, by_person.get(row.id, ()), away.get(row.id)) for row in rows)


def export(session: Session, address: str) -> Export:
    """What is stored about a person. Raises BadAddress or NotFound."""
    person = find(session, address)
    deliveries = list_deliveries(session, person=person.id, limit=1_000_000)
    return Export(
        person,
        consent_of(session, person.id),
        bounces_of(session, person.id),
        deliveries,
        tuple(feeds.feeds_of(session, person.id)),
        tuple(webhooks.webhooks_of(session, person.id)),
    )


def erase(session: Session, address: str, now: datetime, *, keys: Keys, reason: str = "erased") -> tuple[str, ...]:
    """Remove a person, subscriptions, matches and mails. Returns the ids of the mails: their files go, too.

    Raises BadAddress or NotFound.
    """
    return erase_person(session, find(session, address).id, now, keys=keys, reason=reason)


def purge(session: Session, now: datetime, *, keys: Keys, after: timedelta = FORGET_AFTER) -> tuple[str, ...]:
    """Remove wishes that nobody confirmed within the link's life, and people whose last subscription is long over.

    Returns the ids of the mails that went with them.
    """
    stale = select(SubscriptionRow).where(
        col(SubscriptionRow.confirmed_at).is_(None), col(SubscriptionRow.requested_at) <= now - CONFIRM_WITHIN
    )
    gone: list[str] = []
    for row in session.exec(stale).all():
        gone += drop(session, row, now)
    living = select(SubscriptionRow.person).where(
        col(SubscriptionRow.ended_at).is_(None) | (col(SubscriptionRow.ended_at) > now - after)
    )
    for person in session.exec(select(PersonRow.id).where(col(PersonRow.id).not_in(living))).all():
        gone += erase_person(session, person, now, keys=keys, reason="purged")
    return tuple(gone)


def erase_person(session: Session, person: str, now: datetime, *, keys: Keys, reason: str) -> tuple[str, ...]:
    """The same for a person by id, who is there."""
    lock(session)
    row = session.get_one(PersonRow, person)
    record_erasure(session, keys, row, now, reason=reason)
    for subscription in session.exec(select(SubscriptionRow).where(SubscriptionRow.person == person)).all():
        record(session, keys, row, subscription, now, Consent.ENDED, origin="erasure", reason=reason)
    session.flush()
    theirs = (col(DeliveryRow.person) == person) | (col(DeliveryRow.recipient) == row.address)
    mails = session.exec(select(DeliveryRow.id).where(theirs)).all()
    found = select(MatchRow.id).where(MatchRow.person == person)
    session.execute(delete(MatchSubscriptionRow).where(col(MatchSubscriptionRow.match_id).in_(found)))
    session.execute(delete(MatchRow).where(col(MatchRow.person) == person))
    session.execute(delete(DigestRunRow).where(col(DigestRunRow.person) == person))
    session.execute(delete(DeliveryRow).where(theirs))
    ways.erase(session, person)
    session.execute(delete(SubscriptionRow).where(col(SubscriptionRow.person) == person))
    session.execute(delete(AddressChangeRow).where(col(AddressChangeRow.person) == person))
    forget_person(session, person)
    session.delete(row)
    bump(session)
    return tuple(mails)


def _shown(row: PersonRow, subscriptions: tuple[Subscription, ...], suspension: Suspension | None) -> Person:
    return Person(
        id=row.id,
        address=row.address,
        language=row.language,
        zone=row.zone,
        created_at=row.created_at,
        subscriptions=subscriptions,
        suspension=suspension,
    )
