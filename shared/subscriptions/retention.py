"""How long what is stored about people stays: bodies of mails, the proof of consent, and consent without a mail.

Who got nothing for a long time is asked whether they still want it, three times, and then ends. The periods are
the operator's, who answers for them by law.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, delete, select, update

from shared.config import Settings
from shared.subscriptions import lifecycle
from shared.subscriptions.consent import record
from shared.subscriptions.keys import Keys
from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.links import Purpose, fingerprint, verify
from shared.subscriptions.suspensions import suspended
from shared.subscriptions.tables import ConsentRow, DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Consent, Kind, State

MONTH: Final = timedelta(days=365.25 / 12)
AGAIN: Final = timedelta(days=14)  # between the mails that ask
ASKED: Final = 3  # times, before it ends
WANTED: Final = "still wanted"
UNANSWERED: Final = "not confirmed again"
_OVER: Final = (State.SENT, State.FAILED, State.DROPPED)
_LIFE: Final = (Consent.CONFIRMED, Consent.CHANGED, Consent.RESUMED)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things stay. `reconfirm` None: nobody is asked."""

    bodies: timedelta = timedelta(days=30)
    address: timedelta = timedelta(days=28)
    proof: timedelta = 36 * MONTH
    reconfirm: timedelta | None = 24 * MONTH


USUAL: Final = Retention()


def retention_of(settings: Settings) -> Retention:
    """As the operator has set it."""
    reconfirm = settings.reconfirm_months * MONTH if settings.reconfirm_months else None
    days = timedelta(days=settings.keep_bodies_days), timedelta(days=settings.keep_address_days)
    return Retention(*days, settings.keep_proof_months * MONTH, reconfirm)


def forget_bodies(session: Session, now: datetime, retention: Retention = USUAL) -> None:
    """Of mails that are over: words and addresses that the ledger holds itself."""
    old = (col(DeliveryRow.created_at) <= now - retention.bodies) & col(DeliveryRow.state).in_(_OVER)
    left = col(DeliveryRow.body).is_not(None) | col(DeliveryRow.recipient).is_not(None)
    session.execute(update(DeliveryRow).where(old, left).values(body=None, subject=None, recipient=None))


def bodies_to_forget(
    session: Session, mails: Iterable[str], now: datetime, retention: Retention = USUAL
) -> Sequence[str]:
    """Those of these mails whose files are old enough to go."""
    old = select(DeliveryRow.id).where(
        col(DeliveryRow.id).in_(list(mails)), col(DeliveryRow.sent_at) <= now - retention.bodies
    )
    return session.exec(old).all()


def forget_proof(session: Session, now: datetime, retention: Retention = USUAL) -> None:
    """The consent record of people who are gone, when its last line is older than proof is asked for."""
    gone = (
        select(ConsentRow.person)
        .where(col(ConsentRow.person).not_in(select(PersonRow.id)))
        .group_by(ConsentRow.person)
        .having(func.max(ConsentRow.at) <= now - retention.proof)
    )
    session.execute(delete(ConsentRow).where(col(ConsentRow.person).in_(session.exec(gone).all())))


def ask_to_keep(session: Session, now: datetime, *, keys: Keys, retention: Retention = USUAL) -> None:
    """Ask who got no mail and said nothing for so long; end what nobody answered for."""
    if retention.reconfirm is None:
        return
    for person in _silent(session, now - retention.reconfirm):
        asked = select(DeliveryRow).where(DeliveryRow.person == person.id, DeliveryRow.kind == Kind.KEEP)
        since = asked.where(col(DeliveryRow.created_at) > now - ASKED * AGAIN - retention.reconfirm)
        mails = session.exec(since.order_by(col(DeliveryRow.created_at))).all()
        if mails and (mails[-1].state != State.SENT or mails[-1].created_at > now - AGAIN):
            continue
        if len(mails) < ASKED:
            enqueue_own(session, Kind.KEEP, person.id, now, language=person.language)
        else:
            rows = lifecycle.active_rows(session, person.id)
            lifecycle.end(session, rows, now, keys=keys, reason=UNANSWERED, origin="retention")


def kept_by(session: Session, token: str, now: datetime, *, keys: Keys) -> Sequence[SubscriptionRow]:
    """What the answer to such a mail is about. Raises BadLink."""
    return lifecycle.active_rows(session, verify(keys, Purpose.KEEP, token, now).partition("-")[0])


def keep(session: Session, token: str, now: datetime, *, keys: Keys) -> int:
    """Somebody still wants it: said in the record of each. Returns how many go on. Raises BadLink."""
    rows = kept_by(session, token, now, keys=keys)
    for row in rows:
        person = session.get_one(PersonRow, row.person)
        said = {"origin": "portal", "token_id": fingerprint(token), "reason": WANTED}
        record(session, keys, person, row, now, Consent.CHANGED, **said)
    return len(rows)


def _silent(session: Session, since: datetime) -> Sequence[PersonRow]:
    """People whose every subscription is older, with no mail and no word of theirs since then."""
    mailed = select(DeliveryRow.person).where(
        col(DeliveryRow.kind).in_((Kind.INSTANT, Kind.DIGEST)),
        col(DeliveryRow.sent_at) > since,
        col(DeliveryRow.person).is_not(None),
    )
    spoke = select(ConsentRow.person).where(col(ConsentRow.at) > since, col(ConsentRow.event).in_(_LIFE))
    have = select(SubscriptionRow.person).where(
        col(SubscriptionRow.ended_at).is_(None), col(SubscriptionRow.confirmed_at) <= since
    )
    found = select(PersonRow).where(
        col(PersonRow.id).in_(have),
        col(PersonRow.id).not_in(mailed),
        col(PersonRow.id).not_in(spoke),
        col(PersonRow.id).not_in(suspended()),
    )
    return session.exec(found.order_by(col(PersonRow.id))).all()
