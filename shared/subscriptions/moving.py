"""Another address for all that somebody has: asked of the new one, told to the old one.

Whoever moves leaves the old address for good: every subscription there ends and goes on as its successor, so that
a database that is restored mails nobody at an address that was left.
"""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

from sqlmodel import Session, col, delete, select

from shared.errors import Conflict, NotFound
from shared.subscriptions import lifecycle, matches, own, widening
from shared.subscriptions.addresses import mailbox, normalise
from shared.subscriptions.consent import record
from shared.subscriptions.elsewhere import ways
from shared.subscriptions.keys import Keys
from shared.subscriptions.leaving import MOVED
from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.links import CONFIRM_WITHIN, Purpose, fingerprint, verify
from shared.subscriptions.open_wishes import drop, new_wish, open_wishes
from shared.subscriptions.suspensions import adopt, forget_person
from shared.subscriptions.tables import AddressChangeRow, DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.version import bump
from shared.subscriptions.words import Consent, Kind

MAILS: Final = 3  # that somebody sends to new addresses in a day
DAY: Final = timedelta(days=1)


def ask(session: Session, person: PersonRow, address: str, now: datetime, language: str) -> None:
    """Ask at the new address; one that has subscriptions of its own gets the link to those. Raises BadAddress.

    The answer is the same: nobody learns who else reads Vigie.
    """
    normal = normalise(address)
    if normal == person.address:
        return
    other = session.exec(select(PersonRow).where(PersonRow.address == normal)).first()
    if other is not None:
        own.mail_links(session, other, now, language)
        return
    asked = select(DeliveryRow.id).where(
        DeliveryRow.kind == Kind.MOVE, DeliveryRow.person == person.id, col(DeliveryRow.created_at) > now - DAY
    )
    if len(session.exec(asked).all()) >= MAILS:
        return
    forget(session, person.id)
    change = AddressChangeRow(id=token_hex(8), person=person.id, address=normal, requested_at=now)
    session.add(change)
    session.flush()
    enqueue_own(session, Kind.MOVE, person.id, now, language=language, about=change.id, recipient=normal)


def asked_by(session: Session, token: str, now: datetime, *, keys: Keys) -> AddressChangeRow:
    """The change that a link is about. Raises BadLink, NotFound where it is done or was asked anew."""
    change = session.get(AddressChangeRow, verify(keys, Purpose.MOVE, token, now))
    if change is None:
        raise NotFound("this change of address is done, or another one was asked for since")
    return change


def move(session: Session, token: str, now: datetime, *, keys: Keys, origin: str = "portal") -> None:
    """Take everything to the new address. Raises BadLink, NotFound, or Conflict where it is somebody's by now."""
    change = asked_by(session, token, now, keys=keys)
    person = session.get_one(PersonRow, change.person)
    if session.exec(select(PersonRow.id).where(PersonRow.address == change.address)).first() is not None:
        raise Conflict("this address has subscriptions of its own by now")
    for wish in open_wishes(session, person.id, now):
        drop(session, wish, now)
    former = lifecycle.active_rows(session, person.id)
    later = [_successor(session, person, row, now) for row in former]
    lifecycle.end(session, former, now, keys=keys, reason=MOVED, origin=origin)
    about = " ".join(row.id for row in former)
    enqueue_own(
        session, Kind.MOVED, person.id, now, language=person.language, about=about, recipient=person.address
    )
    forget_person(session, person.id)
    person.address, person.mailbox = change.address, mailbox(change.address)
    session.add(person)
    session.delete(change)
    session.flush()
    adopt(session, person, keys)
    for row in later:
        record(session, keys, person, row, now, Consent.CONFIRMED, origin=origin, token_id=fingerprint(token))
    bump(session)


def forget(session: Session, person: str | None = None, before: datetime | None = None) -> None:
    """Changes that this person asked for, or that were not confirmed while their links held."""
    gone = delete(AddressChangeRow)
    if person is not None:
        gone = gone.where(col(AddressChangeRow.person) == person)
    if before is not None:
        gone = gone.where(col(AddressChangeRow.requested_at) <= before - CONFIRM_WITHIN)
    session.execute(gone)


def _successor(session: Session, person: PersonRow, row: SubscriptionRow, now: datetime) -> SubscriptionRow:
    """It has all that the former had: since when, its pause, what waits for its mail, what its reader was told."""
    later = new_wish(session, person, lifecycle.wish_of(person, row), now, row.group_name)
    later.confirmed_at, later.paused_until = row.confirmed_at, row.paused_until
    row.told_empty_at = later.told_empty_at = widening.told(session, row)
    session.add(later)
    session.flush()
    matches.hand_over(session, row.id, later, now)
    ways.hand_over(session, row.id, later.id, now)
    return later
