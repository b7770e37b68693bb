"""The append-only consent record: who asked for what, when, in which words, by which link, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.subscriptions.keys import Keys, address_hash, address_hashes
from shared.subscriptions.rows import options_of
from shared.subscriptions.tables import ConsentRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Consent, Every

TEXT: Final = "subscribe/1"  # the wording under the form; a new wording gets a new number
TEMPLATE: Final = "confirm/2"  # the wording of the confirmation mail, likewise


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One line of the record, as the person's export shows it."""

    at: datetime
    event: Consent
    subscription: str
    query: str
    every: str
    language: str
    origin: str
    text: str
    template: str
    token_id: str
    reason: str
    options: str
    proof: str


def record(
    session: Session,
    keys: Keys,
    person: PersonRow,
    subscription: SubscriptionRow,
    now: datetime,
    event: Consent,
    *,
    origin: str,
    token_id: str = "",
    reason: str = "",
    proof: str = "",
) -> None:
    """Append a line about `subscription` as it stands now."""
    line = ConsentRow(
        person=person.id,
        subscription=subscription.id,
        address_hash=address_hash(keys, person.address),
        at=now,
        event=event,
        query=subscription.query,
        every=subscription.every,
        language=subscription.language,
        origin=origin,
        text=TEXT,
        template=TEMPLATE,
        token_id=token_id,
        reason=reason,
        options=options_of(subscription).told(Every(subscription.every)),
        proof=proof,
    )
    session.add(line)


def record_erasure(session: Session, keys: Keys, person: PersonRow, now: datetime, *, reason: str) -> None:
    """Append a line about the person as a whole, who may have no subscription."""
    line = ConsentRow(
        person=person.id,
        subscription="",
        address_hash=address_hash(keys, person.address),
        at=now,
        event=Consent.ERASED,
        query="",
        every="",
        language=person.language,
        origin="erasure",
        text=TEXT,
        template=TEMPLATE,
        reason=reason,
    )
    session.add(line)


def consent_of(session: Session, person: str) -> tuple[ConsentLine, ...]:
    """The record of a person, in order."""
    rows = session.exec(select(ConsentRow).where(ConsentRow.person == person).order_by(col(ConsentRow.id))).all()
    return tuple(map(_line, rows))


def consent_of_address(session: Session, keys: Keys, address: str) -> tuple[ConsentLine, ...]:
    """What was agreed under a normalised address, in order: also of people who were erased, and whichever key was
    the newest then."""
    theirs = col(ConsentRow.address_hash).in_(address_hashes(keys, address))
    return tuple(map(_line, session.exec(select(ConsentRow).where(theirs).order_by(col(ConsentRow.id))).all()))


def _line(row: ConsentRow) -> ConsentLine:
    return ConsentLine(
        at=row.at,
        event=Consent(row.event),
        subscription=row.subscription,
        query=row.query,
        every=row.every,
        language=row.language,
        origin=row.origin,
        text=row.text,
        template=row.template,
        token_id=row.token_id,
        reason=row.reason,
        options=row.options,
        proof=row.proof,
    )
