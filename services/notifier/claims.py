"""The store door of sending: who holds which deliveries, and what became of them.

A batch is claimed by one short conditional UPDATE with a token and database time. Its claims outlive the relay's
time limits, and a result is remembered only where the token still stands. A batch is sent in its order, and each
result is remembered before the next mail is handed over: so of a batch that a process left behind, only the first
is in doubt; the others were never tried.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, select, update
from sqlmodel import Session, col

from services.notifier import standing
from services.notifier.outcomes import Before, Ended, Refused, Result, Sent, lost_sight, result
from services.notifier.provider import came_back
from services.notifier.queue import Decision, Queue, decide, dry
from services.notifier.refusals import About, code_of
from shared.boot import boot
from shared.moments import SLACK
from shared.store import Store
from shared.subscriptions.deliveries import hurry
from shared.subscriptions.keys import Keys
from shared.subscriptions.suspensions import undo
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Blame, State

log = logging.getLogger(__name__)

KeysOf = Callable[[Session], Keys]
RELAY: Final = "relay"  # who said that a mailbox does not exist
InSession = Callable[[Session], None]
InTransaction = Callable[[Connection], None]
FURTHEST: Final = timedelta(days=1)  # that a delivery is ever put off
CLAIM: Final = timedelta(minutes=40)  # a mail may take 25 minutes to its final dot, and 10 after it
_ORDER: Final = (col(DeliveryRow.priority), col(DeliveryRow.due_at), col(DeliveryRow.id))
_CLAIMED: Final = select(
    col(DeliveryRow.id),
    col(DeliveryRow.person),
    col(DeliveryRow.recipient),
    col(DeliveryRow.due_at),
    col(DeliveryRow.attempts),
    col(DeliveryRow.unknown),
    col(DeliveryRow.blame),
    col(DeliveryRow.claim),
)
_TAKEN: Final = (  # made once: it is what every mail costs
    update(DeliveryRow.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare it
    .where(
        col(DeliveryRow.id) == bindparam("delivery"),
        col(DeliveryRow.claim) == bindparam("token"),
        col(DeliveryRow.state) == State.SENDING,
    )
    .values(
        state=State.SENT,
        sent_at=bindparam("now"),
        due_at=bindparam("now"),
        error="",
        blame=Blame.NOBODY,
        claim=None,
        claimed_by=None,
        claimed_until=None,
    )
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that are ours for a while, in the order in which to send them, and how the queue stood."""

    token: str
    claims: tuple[Before, ...]
    queue: Queue


def _nothing(_transaction: Session | Connection) -> None:
    """Nobody counts."""


def claim(store: Store, instance: str, most: int = 1, advance: InSession = _nothing) -> Batch | None:
    """Claim the next due deliveries: what somebody waits for first, then by due time. None when none may go.

    `advance` is called in the transaction that claims.
    """
    if not _anything(store):
        return None
    with store.writing() as session:
        queue = standing.load(session)
        if queue.stopped:
            queue = standing.load(session, lock=True)
        _lose_expired(store, session)
        now = store.now(session)
        due = _CLAIMED.where(_due(now)).order_by(*_ORDER).limit(_room(session, queue, most, now))
        claims = tuple(map(_before, session.execute(due.with_for_update(skip_locked=True)).all()))
        if not claims:
            return None
        token = f"{_epoch(store)}.{token_hex(16)}"
        taken = update(DeliveryRow).where(col(DeliveryRow.id).in_([one.delivery for one in claims]))
        values = {"state": State.SENDING, "claim": token, "claimed_by": instance, "claimed_until": now + CLAIM}
        session.execute(taken.values(**values))
        if queue.stopped:
            standing.save(session, queue, replace(queue, probe=claims[0].delivery), now)
        advance(session)
    return Batch(token, claims, queue)


def taken(store: Store, batch: Batch, before: Before, count: InTransaction = _nothing) -> Result:
    """The relay has it, and the queue flows. A power cut may lose this: it then is in doubt, and counted.

    `count` is called in the transaction that remembers.
    """
    with store.brief() as connection:
        now = store.now(connection)
        connection.execute(_TAKEN, {"delivery": before.delivery, "token": batch.token, "now": now})
        count(connection)
    return result(Sent(), before, now)


def settle(
    store: Store, batch: Batch, before: Before, outcome: Ended, keys: KeysOf, count: InTransaction = _nothing
) -> Decision:
    """Remember what an outcome makes of its delivery, where the claim is still ours, of the queue, and of a person
    whose mailbox it says something about.
    """
    with changing(store) if isinstance(outcome, Refused) else store.writing() as session:
        now, queue = store.now(session), standing.load(session, lock=True)
        last = standing.last_sent(session) if queue.run else None
        decision = decide(outcome, before, queue, now, last)
        ours = _remember(session, batch.token, before, decision.result, now)
        standing.save(session, queue, decision.queue, now)
        if queue.blame is Blame.US and not decision.queue.stopped:
            hurry(session, now)
        if decision.undo:
            _undo(session, decision.undo, decision.result)
            undo(session, decision.undo, now, keys=keys(session), origin=RELAY)
        elif ours and isinstance(outcome, Refused) and _of_mailbox(decision.result):
            _came_back(session, before, outcome, decision.result, now, keys(session))
        count(session.connection())
    return decision


def give_back(store: Store, batch: Batch, untried: Sequence[Before]) -> None:
    """These were not tried, and wait as before."""
    if untried:
        with store.writing() as session:
            _release(session, batch.token, [one.delivery for one in untried])


def ran_dry(store: Store) -> None:
    """Nothing is due: nobody waits for what a limit held up."""
    with store.reading() as session:
        queue, waiting = standing.load(session), _due(store.now(session)) | _sending()
        if queue.stopped:
            waiting |= (col(DeliveryRow.state) == State.PENDING) & (col(DeliveryRow.blame) == Blame.WORLD)
        if queue.limited is None or queue.blame is Blame.US or _some(session, waiting):
            return
    with store.writing() as session:
        queue = standing.load(session, lock=True)
        standing.save(session, queue, dry(queue), store.now(session))


def recover(store: Store, instance: str) -> int:
    """At the start: of what this instance was sending when it died, one mail of each batch is unknown."""
    with store.writing() as session:
        left = col(DeliveryRow.claimed_by) == instance
        return _lose(store, session, left, "the process ended while it was sending")


def _anything(store: Store) -> bool:
    """Whether a claim is worth a try: an idle sender must not take the write lock twice a second."""
    with store.reading() as session:
        now = store.now(session)
        if _some(session, _expired(now) | _endless(now)):
            return True
        return _some(session, _due(now)) and _room(session, standing.load(session), 1, now) > 0


def _room(session: Session, queue: Queue, most: int, now: datetime) -> int:
    """How many may go: at a stop one asks, when it is time, and while none is under way."""
    if not queue.stopped:
        return most
    asking = queue.probe and _some(session, _sending() & (col(DeliveryRow.id) == queue.probe))
    return 1 if queue.opens(now) and not asking else 0


def _lose_expired(store: Store, session: Session) -> None:
    now = store.now(session)
    _lose(store, session, _expired(now), "the claim expired while it was sending")
    endless = update(DeliveryRow).where(_endless(now))  # its holder may be at work: it gets its time
    session.execute(endless.values(claimed_until=now + CLAIM))


def _lose(store: Store, session: Session, which: ColumnElement[bool], reason: str) -> int:
    """What is left of batches whose sender is gone. Returns how many mails nobody can know about."""
    left = _CLAIMED.where(_sending(), which)
    now, doubted, lost = store.now(session), set[str](), 0
    for row in session.execute(left.order_by(*_ORDER).with_for_update()).all():
        before, token = _before(row), row.claim or ""
        if token in doubted and token.startswith(f"{_epoch(store)}."):
            _release(session, token, [before.delivery])
            continue
        doubted.add(token)
        _remember(session, token, before, lost_sight(reason, before, now), now)
        lost += 1
    return lost


def _of_mailbox(became: Result) -> bool:
    return became.state is State.FAILED and became.blame is Blame.MAILBOX


def _came_back(
    session: Session, before: Before, refused: Refused, became: Result, now: datetime, keys: Keys
) -> None:
    code = code_of(refused.reason)
    suspended = came_back(
        session,
        before.recipient,
        now,
        keys=keys,
        delivery=before.delivery,
        code=code,
        reason=became.error,
        permanent=refused.about is About.GONE,
        origin=RELAY,
    )
    if suspended:
        log.warning("suspended", extra={"person": before.recipient, "code": code})


def _undo(session: Session, deliveries: Sequence[str], like: Result) -> None:
    """They had failed for our sake, and wait as the one does that showed it."""
    failed = update(DeliveryRow).where(col(DeliveryRow.id).in_(deliveries), col(DeliveryRow.state) == State.FAILED)
    values = {"state": State.PENDING, "due_at": like.due_at, "error": like.error, "blame": like.blame}
    session.execute(failed.values(**values, attempts=DeliveryRow.attempts - 1))


def _remember(session: Session, token: str, before: Before, became: Result, now: datetime) -> bool:
    """Write a result. False when the claim is ours no more: expired, or the person was erased."""
    ours = update(DeliveryRow).where(
        col(DeliveryRow.id) == before.delivery,
        col(DeliveryRow.claim) == token,
        col(DeliveryRow.state) == State.SENDING,
    )
    values: dict[str, Any] = {
        "state": became.state,
        "due_at": became.due_at,
        "attempts": became.attempts,
        "unknown": became.unknown,
        "error": became.error,
        "blame": became.blame,
        "sent_at": now if became.state is State.SENT else None,
        "claim": None,
        "claimed_by": None,
        "claimed_until": None,
    }
    return bool(session.execute(ours.values(**values)).rowcount)  # type: ignore[attr-defined]  # a CursorResult


def _release(session: Session, token: str, deliveries: Sequence[str]) -> None:
    untried = update(DeliveryRow).where(
        col(DeliveryRow.id).in_(deliveries),
        col(DeliveryRow.claim) == token,
        col(DeliveryRow.state) == State.SENDING,
    )
    session.execute(untried.values(state=State.PENDING, claim=None, claimed_by=None, claimed_until=None))


def _before(row: Sequence[Any]) -> Before:
    id_, person, recipient, due_at, attempts, unknown, blame, _claim = row
    return Before(id_, person or recipient or "", due_at, attempts, unknown, Blame(blame))


def _epoch(store: Store) -> str:
    """What a result that was remembered lives as long as: a database server's word holds; ours, to a power cut."""
    return boot() if store.sqlite else "server"


def _some(session: Session, which: ColumnElement[bool]) -> bool:
    return session.execute(select(col(DeliveryRow.id)).where(which).limit(1)).first() is not None


def _sending() -> ColumnElement[bool]:
    return col(DeliveryRow.state) == State.SENDING


def _expired(now: datetime) -> ColumnElement[bool]:
    return _sending() & (col(DeliveryRow.claimed_until) <= now)


def _endless(now: datetime) -> ColumnElement[bool]:
    """Claimed for longer than a claim lasts, by a clock that was ahead."""
    return _sending() & (col(DeliveryRow.claimed_until) > now + CLAIM + SLACK)


def _due(now: datetime) -> ColumnElement[bool]:
    """Due by the clock, or put off for longer than ever, by a clock that was ahead."""
    due_at = col(DeliveryRow.due_at)
    return (col(DeliveryRow.state) == State.PENDING) & ((due_at <= now) | (due_at > now + FURTHEST))
