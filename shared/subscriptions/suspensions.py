"""Addresses that mails come back from: nothing is sent there until somebody confirms anew or an operator lifts it.

Whoever learns that a mail came back says so with `bounced`: the sender, which hears it from the relay, and whoever
reads bounces. Consent stays as it was given; the record says when a subscription was suspended and resumed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, delete, select, update

from shared.errors import Conflict
from shared.store.upsert import insert_new, upsert
from shared.subscriptions import matches
from shared.subscriptions.addresses import normalise
from shared.subscriptions.consent import record
from shared.subscriptions.deliveries import NOT_SENT
from shared.subscriptions.keys import Keys, address_hash, address_hashes
from shared.subscriptions.score import Bounce, enough
from shared.subscriptions.tables import (
    BounceRow,
    ConsentRow,
    DeliveryRow,
    MatchRow,
    PersonRow,
    SubscriptionRow,
    SuspensionRow,
)
from shared.subscriptions.version import bump, lock
from shared.subscriptions.words import Blame, Consent, Kind, State

CAME_BACK: Final = "mails to this address came back"
CANCELLED: Final = f"{NOT_SENT}{CAME_BACK}"
NOT_THEM: Final = "the relay refused everybody alike"
COMPLAINT: Final = "complaint"  # in the place of a code: nothing came back, its reader said no


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when an address gets nothing, and what its server said."""

    at: datetime
    code: str
    reason: str

    @property
    def complaint(self) -> bool:
        """Whether the reader called our mail unwanted."""
        return self.code == COMPLAINT

    def __str__(self) -> str:
        return f"complained ({self.reason})" if self.complaint else f"mails came back ({self.reason})"


def suspended() -> Select[Any]:
    """The people who get nothing, for a condition."""
    return columns(col(SuspensionRow.person)).where(col(SuspensionRow.undone_at).is_(None))


def suspension_of(session: Session, person: str) -> Suspension | None:
    """Why a person gets nothing; None where nothing is in the way."""
    row = _row(session, person)
    return Suspension(row.at, row.code, row.reason) if row else None


def suspensions(session: Session, of: Collection[str] | None = None) -> Mapping[str, Suspension]:
    """Person -> why they get nothing, of these people or of everybody."""
    wanted = select(SuspensionRow).where(col(SuspensionRow.undone_at).is_(None))
    rows = session.exec(wanted if of is None else wanted.where(col(SuspensionRow.person).in_(of))).all()
    return {row.person: Suspension(row.at, row.code, row.reason) for row in rows if row.person}


def bounces_of(session: Session, person: str) -> tuple[Bounce, ...]:
    """The mails of a person that came back, the oldest first."""
    rows = session.exec(select(BounceRow).where(BounceRow.person == person).order_by(col(BounceRow.at))).all()
    return tuple(Bounce(row.at, row.code, row.permanent) for row in rows)


def bounced(
    session: Session,
    person: str,
    now: datetime,
    *,
    keys: Keys,
    delivery: str,
    code: str,
    reason: str,
    permanent: bool,
    origin: str,
    sent: datetime | None = None,
) -> bool:
    """A mail to `person` came back; said again of the same delivery, nothing happens. True where it suspends them.

    Who only ever asked for a subscription is not suspended: anybody may type anybody's address. `reason` names no
    address. `sent` is when the mail went, where that may be long ago: it counts for that day.
    """
    lock(session)
    row = session.get(PersonRow, person)
    if row is None or not _subscriptions(session, person):
        return False
    values = {"person": person, "at": sent or now, "code": code, "reason": reason, "permanent": permanent}
    insert_new(session, BounceRow, {"delivery": delivery, **values})
    if _row(session, person) is not None or not enough(bounces_of(session, person), now):
        return False
    _suspend(session, row, now, keys, Suspension(now, code, reason), delivery, origin)
    return True


def lift(session: Session, person: str, now: datetime, *, keys: Keys, origin: str, reason: str) -> bool:
    """The address is good again, and what came back is forgotten. False where it was not suspended."""
    lock(session)
    found = _row(session, person)
    session.execute(delete(BounceRow).where(col(BounceRow.person) == person))
    if found is None:
        return False
    session.delete(found)
    _say(session, person, now, keys, Consent.RESUMED, origin, reason)
    bump(session)
    return True


def suppressed(session: Session, address: str, *, keys: Keys) -> Suspension | None:
    """Why nothing goes to an address that nobody has, in whatever spelling. Raises BadAddress."""
    known = col(SuspensionRow.address_hash).in_(address_hashes(keys, normalise(address)))
    row = session.exec(select(SuspensionRow).where(known, col(SuspensionRow.person) == "")).first()
    return Suspension(row.at, row.code, row.reason) if row and row.undone_at is None else None


def lift_address(session: Session, address: str, *, keys: Keys) -> bool:
    """An address that nobody has is good again. False where it was not suspended. Raises BadAddress."""
    known = col(SuspensionRow.address_hash).in_(address_hashes(keys, normalise(address)))
    return bool(session.execute(delete(SuspensionRow).where(known, col(SuspensionRow.person) == "")).rowcount)  # type: ignore[attr-defined]  # a CursorResult


def no_complaint(known: Suspension | None) -> None:
    """Before an operator subscribes somebody. Raises Conflict for who complained."""
    if known is not None and known.complaint:
        raise Conflict(
            "this person called our mail unwanted. Without --confirmed they are asked; `vigie people resume` "
            "says that you know better."
        )


def anew_since(session: Session, person: str, moment: datetime) -> bool:
    """Whether the person confirmed, or an operator lifted a suspension, after a moment: what was sent before says
    nothing of the mailbox now.
    """
    lines = select(ConsentRow.id).where(
        ConsentRow.person == person,
        col(ConsentRow.event).in_((Consent.CONFIRMED, Consent.RESUMED)),
        col(ConsentRow.at) > moment,
    )
    return session.exec(lines.limit(1)).first() is not None


def undo(session: Session, deliveries: Sequence[str], now: datetime, *, keys: Keys, origin: str) -> None:
    """These mails came back for our sake. Whom they suspended gets what was cancelled, and what came meanwhile."""
    lock(session)
    session.execute(delete(BounceRow).where(col(BounceRow.delivery).in_(deliveries)))
    wrong = select(SuspensionRow).where(
        col(SuspensionRow.delivery).in_(deliveries), col(SuspensionRow.undone_at).is_(None)
    )
    for row in session.exec(wrong).all():
        row.undone_at = now
        session.add(row)
        if not row.person:  # erased meanwhile
            continue
        _say(session, row.person, now, keys, Consent.RESUMED, origin, NOT_THEM)
        cancelled = _mails(row.person, State.DROPPED, col(DeliveryRow.error) == CANCELLED)
        again = {"state": State.PENDING, "due_at": now, "error": "", "blame": Blame.NOBODY}
        session.execute(cancelled.values(**again))
        bump(session)


def adopt(session: Session, person: PersonRow, keys: Keys) -> None:
    """Somebody comes with an address that mails came back from; a confirmation shows whether it is good again."""
    known = col(SuspensionRow.address_hash).in_(address_hashes(keys, person.address))
    session.execute(update(SuspensionRow).where(known).values(person=person.id))


def forget_person(session: Session, person: str) -> None:
    """Before a person goes: what came back goes, too; the keyed hash of the address stays."""
    session.execute(delete(BounceRow).where(col(BounceRow.person) == person))
    session.execute(update(SuspensionRow).where(col(SuspensionRow.person) == person).values(person=""))


def suspend_again(
    session: Session, subscriptions: Sequence[str], now: datetime, *, keys: Keys, origin: str
) -> None:
    """The people of these subscriptions were suspended before the database was restored."""
    people = select(PersonRow).join(SubscriptionRow, col(SubscriptionRow.person) == col(PersonRow.id))
    for person in session.exec(people.where(col(SubscriptionRow.id).in_(subscriptions)).distinct()).all():
        if _row(session, person.id) is None:
            about = Suspension(now, "", "suspended before the database was restored")
            _suspend(session, person, now, keys, about, "", origin)


def suppress(
    session: Session, person: PersonRow, keys: Keys, about: Suspension, delivery: str, now: datetime
) -> None:
    """Nothing goes to the address any more, whoever has it."""
    waiting = select(func.min(MatchRow.matched_at)).where(
        MatchRow.person == person.id, col(MatchRow.delivery_id).is_(None)
    )
    values = {
        "address_hash": address_hash(keys, person.address),
        "person": person.id,
        "at": about.at,
        "since": min(session.exec(waiting).one() or now, now),
        "code": about.code,
        "reason": about.reason,
        "delivery": delivery,
        "undone_at": None,
    }
    session.execute(delete(SuspensionRow).where(_of(person, keys)))
    upsert(session, SuspensionRow, ("address_hash",), values)


def _suspend(
    session: Session, person: PersonRow, now: datetime, keys: Keys, about: Suspension, delivery: str, origin: str
) -> None:
    suppress(session, person, keys, about, delivery, now)
    for subscription in _subscriptions(session, person.id):
        matches.withdraw(session, subscription.id, now)
    cancel = _mails(person.id, State.PENDING, col(DeliveryRow.kind) != Kind.CONFIRM)
    session.execute(cancel.values(state=State.DROPPED, error=CANCELLED, blame=Blame.MAILBOX))
    _say(session, person.id, now, keys, Consent.SUSPENDED, origin, f"{about.code} {about.reason}".strip())
    bump(session)


def _say(
    session: Session, person: str, now: datetime, keys: Keys, event: Consent, origin: str, reason: str
) -> None:
    row = session.get_one(PersonRow, person)
    for subscription in _subscriptions(session, person):
        record(session, keys, row, subscription, now, event, origin=origin, reason=reason)
    session.flush()


def _subscriptions(session: Session, person: str) -> Sequence[SubscriptionRow]:
    """Those that would write to the person."""
    active = select(SubscriptionRow).where(
        SubscriptionRow.person == person,
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
    )
    return session.exec(active.order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))).all()


def _mails(person: str, state: State, which: Any) -> Any:
    return update(DeliveryRow).where(col(DeliveryRow.person) == person, col(DeliveryRow.state) == state, which)


def _of(person: PersonRow, keys: Keys) -> Any:
    return col(SuspensionRow.address_hash).in_(address_hashes(keys, person.address))


def _row(session: Session, person: str) -> SuspensionRow | None:
    asked = select(SuspensionRow).where(SuspensionRow.person == person, col(SuspensionRow.undone_at).is_(None))
    return session.exec(asked).first()
