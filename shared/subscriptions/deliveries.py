"""The send ledger for people who look: list, count, release, hold, discard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from shared.errors import NotFound
from shared.subscriptions.tables import DeliveryRow, MailQueueRow, MatchRow
from shared.subscriptions.words import Blame, Kind, State

UNKNOWN: Final = "unknown"
DISCARDED: Final = "discarded by an operator"
NOT_SENT: Final = "not sent: "  # begins the reason of what no relay was asked about


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail as operators see it: no address, the person by id. `items` counts the stories that it was made
    for; what was corrected away meanwhile is left out.
    """

    id: str
    kind: Kind
    state: State
    person: str | None
    language: str
    items: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    unknown: int
    late: bool
    error: str
    blame: Blame


def counts(session: Session) -> Mapping[str, int]:
    """Mails by state, every state named, and `unknown`: how often nobody knows whether one was taken.

    What was dropped became no mail, and counts nowhere.
    """
    rows = session.exec(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)).all()
    found = dict.fromkeys(State, 0) | {State(state): number for state, number in rows}
    del found[State.DROPPED]
    unknown = session.exec(select(func.coalesce(func.sum(DeliveryRow.unknown), 0))).one()
    return {state.value: number for state, number in found.items()} | {UNKNOWN: int(unknown)}


def list_deliveries(
    session: Session, *, states: Sequence[State] = (), person: str | None = None, limit: int = 50, skip: int = 0
) -> tuple[Delivery, ...]:
    """Deliveries, the newest first."""
    items = (
        select(MatchRow.delivery_id, func.count().label("items")).group_by(col(MatchRow.delivery_id)).subquery()
    )
    query = (
        select(DeliveryRow, items.c["items"])
        .join(items, items.c["delivery_id"] == col(DeliveryRow.id), isouter=True)
        .order_by(col(DeliveryRow.created_at).desc(), col(DeliveryRow.id))
    )
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    if person is not None:
        query = query.where(DeliveryRow.person == person)
    return tuple(_shown(row, items or 0) for row, items in session.exec(query.offset(skip).limit(limit)).all())


def undecided(session: Session, reason: str = "") -> tuple[str, ...]:
    """What is held, and what failed but for a wish: its reader's or an operator's; `reason` is a part of why."""
    error = col(DeliveryRow.error)
    for_a_reason = (col(DeliveryRow.blame) != Blame.NOBODY) | ~(error.startswith(NOT_SENT) | (error == DISCARDED))
    failed = (col(DeliveryRow.state) == State.FAILED) & for_a_reason
    found = select(DeliveryRow.id).where((col(DeliveryRow.state) == State.HELD) | failed)
    if reason:
        found = found.where(col(DeliveryRow.error).icontains(reason, autoescape=True))
    return tuple(session.exec(found.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))).all())


def ask_again(session: Session, now: datetime) -> bool:
    """Somebody did something about a relay that took no mail of ours, or put it off: it is asked at once. Whether
    anything waited for that.
    """
    stopped = update(MailQueueRow).where(col(MailQueueRow.blame) != Blame.NOBODY)
    asked = session.execute(stopped.values(not_before=now, probes=0))
    put_off = hurry(session, now, put_off=True)
    return bool(asked.rowcount or put_off)  # type: ignore[attr-defined]  # a CursorResult


def hurry(session: Session, now: datetime, *, put_off: bool = False) -> int:
    """What waits because the relay took no mail of ours is due, and what it put off, if asked. How many are.

    What the relay may have already keeps its pause.
    """
    ours = col(DeliveryRow.blame) == Blame.US
    others = col(DeliveryRow.blame).in_((Blame.WORLD, Blame.MAIL)) & (col(DeliveryRow.unknown) == 0)
    waiting = update(DeliveryRow).where(
        col(DeliveryRow.state) == State.PENDING,
        ours | others if put_off else ours,
        col(DeliveryRow.due_at) > now,
    )
    hurried = session.execute(waiting.values(due_at=now))
    return int(hurried.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def release(session: Session, delivery: str, now: datetime) -> None:
    """A held or failed delivery may go, where consent still holds. Raises NotFound where it is neither."""
    _move(
        session,
        delivery,
        (State.HELD, State.FAILED),
        state=State.PENDING,
        due_at=now,
        late=False,
        attempts=0,
        error="",
        blame=Blame.NOBODY,
    )


def hold(session: Session, delivery: str) -> None:
    """A pending delivery stays until it is released. Raises NotFound where it is not pending."""
    _move(session, delivery, (State.PENDING,), state=State.HELD, error="held by an operator")


def discard(session: Session, delivery: str) -> None:
    """A pending, held or failed delivery is never sent, and counts in no finding. Raises NotFound for another."""
    from_ = State.PENDING, State.HELD, State.FAILED
    _move(session, delivery, from_, state=State.FAILED, error=DISCARDED, blame=Blame.NOBODY)


def _move(session: Session, delivery: str, from_: Sequence[State], **values: Any) -> None:
    moved = update(DeliveryRow).where(col(DeliveryRow.id) == delivery, col(DeliveryRow.state).in_(from_))
    if not session.execute(moved.values(**values)).rowcount:  # type: ignore[attr-defined]  # a CursorResult
        raise NotFound(f"no {' or '.join(from_)} delivery {delivery!r}")


def _shown(row: DeliveryRow, items: int) -> Delivery:
    return Delivery(
        id=row.id,
        kind=Kind(row.kind),
        state=State(row.state),
        person=row.person,
        language=row.language,
        items=items,
        created_at=row.created_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        unknown=row.unknown,
        late=row.late,
        error=row.error,
        blame=Blame(row.blame),
    )
