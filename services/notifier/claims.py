"""The store door of sending: who holds which delivery, and what became of it.

A claim is one short conditional UPDATE with a token and database time. It outlives the relay's time-outs, and its
result is remembered only where the token still stands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from services.notifier.outcomes import Result, lost_sight
from shared.moments import SLACK
from shared.store import Store
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State

FURTHEST: Final = timedelta(days=1)  # that a delivery is ever put off
CLAIM: Final = timedelta(minutes=10)  # an SMTP conversation has about nine answers of at most 30 s each


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours for a while, with its counts as they were."""

    delivery: str
    token: str
    attempts: int
    unknown: int


def claim_next(store: Store, instance: str, advance: Callable[[Session], None] = lambda _: None) -> Claim | None:
    """Claim the next due delivery: what somebody waits for first, then by due time. None when nothing is due.

    `advance` is called in the transaction that claims.
    """
    if not _anything(store):
        return None
    with store.writing() as session:
        _expire(store, session)
        now = store.now(session)
        order = (col(DeliveryRow.priority), col(DeliveryRow.due_at), col(DeliveryRow.id))
        due = select(DeliveryRow).where(_due(store, session)).order_by(*order).limit(1)
        row = session.exec(due.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        token = token_hex(16)
        taken = update(DeliveryRow).where(col(DeliveryRow.id) == row.id, col(DeliveryRow.state) == State.PENDING)
        values = {"state": State.SENDING, "claim": token, "claimed_by": instance, "claimed_until": now + CLAIM}
        session.execute(taken.values(**values))
        advance(session)
        return Claim(row.id, token, row.attempts, row.unknown)


def _anything(store: Store) -> bool:
    """Whether a claim is worth a try: an idle sender must not take the write lock twice a second."""
    with store.reading() as session:
        some = select(DeliveryRow.id).where(
            _due(store, session) | _expired(store, session) | _endless(store, session)
        )
        return session.exec(some.limit(1)).first() is not None


def remember(store: Store, claim: Claim, result: Result) -> bool:
    """Write the result of a claim. False when it is ours no more: expired, or the person was erased."""
    with store.writing() as session:
        ours = update(DeliveryRow).where(
            col(DeliveryRow.id) == claim.delivery,
            col(DeliveryRow.claim) == claim.token,
            col(DeliveryRow.state) == State.SENDING,
        )
        sent_at = store.now(session) if result.state is State.SENT else None
        done = session.execute(ours.values(**_columns(result), sent_at=sent_at))
        return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def recover(store: Store, instance: str) -> int:
    """At the start: what this instance was sending when it died is unknown, and goes again at once."""
    with store.writing() as session:
        left = col(DeliveryRow.claimed_by) == instance
        return _lose(store, session, left, "the process ended while it was sending")


def _expire(store: Store, session: Session) -> None:
    _lose(store, session, _expired(store, session), "the claim expired while it was sending")
    endless = update(DeliveryRow).where(_endless(store, session))  # its holder may be at work: it gets its time
    session.execute(endless.values(claimed_until=store.now(session) + CLAIM))


def _lose(store: Store, session: Session, which: ColumnElement[bool], reason: str) -> int:
    rows = session.exec(select(DeliveryRow).where(col(DeliveryRow.state) == State.SENDING, which)).all()
    for row in rows:
        became = lost_sight(reason, store.now(session), attempts=row.attempts, unknown=row.unknown)
        same = update(DeliveryRow).where(col(DeliveryRow.id) == row.id, col(DeliveryRow.claim) == row.claim)
        session.execute(same.values(**_columns(became)))
    return len(rows)


def _columns(result: Result) -> dict[str, object]:
    return {
        "state": result.state,
        "due_at": result.due_at,
        "attempts": result.attempts,
        "unknown": result.unknown,
        "error": result.error,
        "claim": None,
        "claimed_by": None,
        "claimed_until": None,
    }


def _due(store: Store, session: Session) -> ColumnElement[bool]:
    """Due by the clock, or put off for longer than ever, by a clock that was ahead."""
    now, due_at = store.now(session), col(DeliveryRow.due_at)
    return (col(DeliveryRow.state) == State.PENDING) & ((due_at <= now) | (due_at > now + FURTHEST))


def _expired(store: Store, session: Session) -> ColumnElement[bool]:
    return (col(DeliveryRow.state) == State.SENDING) & (col(DeliveryRow.claimed_until) <= store.now(session))


def _endless(store: Store, session: Session) -> ColumnElement[bool]:
    """Claimed for longer than a claim lasts, by a clock that was ahead."""
    too_long = store.now(session) + CLAIM + SLACK
    return (col(DeliveryRow.state) == State.SENDING) & (col(DeliveryRow.claimed_until) > too_long)
