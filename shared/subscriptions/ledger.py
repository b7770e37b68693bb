"""Rows for the send ledger. Any service may insert one; only the notifier sends."""

from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlmodel import Session

from shared.store.upsert import insert_new
from shared.subscriptions.tables import DeliveryRow, SubscriptionRow
from shared.subscriptions.words import Kind, State

FIRST: Final = 0  # somebody waits for these: confirmations and mails to the operator
NEXT: Final = 1
LAST: Final = 2  # digests: where a relay takes few mails, news go before what waited for its slot anyway


def new_id() -> str:
    """An id for a delivery; it becomes its Message-ID and its file name."""
    return token_hex(16)


def enqueue_confirmation(session: Session, subscription: SubscriptionRow, now: datetime, due_at: datetime) -> None:
    """The mail that asks whether `subscription` is wanted, and what else its person has not confirmed by then."""
    id_ = new_id()
    row = DeliveryRow(
        id=id_,
        key=f"confirm/{subscription.id}/{id_}",
        kind=Kind.CONFIRM,
        state=State.PENDING,
        person=subscription.person,
        subscription=subscription.id,
        language=subscription.language,
        priority=FIRST,
        created_at=now,
        due_at=due_at,
    )
    session.add(row)


def enqueue_own(
    session: Session,
    kind: Kind,
    person: str,
    now: datetime,
    *,
    language: str,
    about: str = "",
    recipient: str | None = None,
    priority: int = FIRST,
) -> str:
    """A mail of self-service, which its reader mostly waits for. Returns its id."""
    id_ = new_id()
    row = DeliveryRow(
        id=id_,
        key=f"{kind}/{person}/{id_}",
        kind=kind,
        state=State.PENDING,
        person=person,
        language=language,
        priority=priority,
        recipient=recipient,
        about=about,
        created_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    return id_


def enqueue_operator_mail(
    session: Session, now: datetime, *, key: str, recipient: str, subject: str, body: str, language: str = "en"
) -> bool:
    """A mail of plain text to the operator, once per `key`. False where it stands in the ledger already."""
    row = DeliveryRow(
        id=new_id(),
        key=f"operator/{key}",
        kind=Kind.OPERATOR,
        state=State.PENDING,
        language=language,
        priority=FIRST,
        recipient=recipient,
        subject=subject,
        body=body,
        created_at=now,
        due_at=now,
    )
    return insert_new(session, DeliveryRow, row.model_dump())
