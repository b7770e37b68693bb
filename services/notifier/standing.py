"""The store door of the queue: how the relay stands to us, kept for every process, and what operators are told.

One row, read with each claim and written when something changes; what flows at will writes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, func, select, update

from services.notifier.queue import Alike, Queue
from services.notifier.refusals import names_limit
from shared.store.upsert import insert_new
from shared.subscriptions.tables import DeliveryRow, MailQueueRow
from shared.subscriptions.words import Blame, State
from shared.telemetry.facts import Weight
from shared.telemetry.finding_mails import BROKEN, UNNAMED
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import Told, told

ONLY: Final = 1  # the id of the one row
REFUSES: Final = "relay.refuses"
LIMIT: Final = "relay.limit"


def load(session: Session, *, lock: bool = False) -> Queue:
    """How it stands; with `lock` nobody changes it before this transaction ends."""
    if lock:
        insert_new(session, MailQueueRow, {"id": ONLY, **_columns(Queue())})
    asked = select(MailQueueRow).where(MailQueueRow.id == ONLY)
    row = session.exec(asked.with_for_update() if lock else asked).first()
    if row is None:
        return Queue()
    run = tuple(
        Alike(one["delivery"], one["recipient"], one["said"], datetime.fromisoformat(one["at"])) for one in row.run
    )
    values = {each.name: getattr(row, each.name) for each in fields(Queue)}
    return Queue(**{**values, "blame": Blame(row.blame), "run": run})


def save(session: Session, before: Queue, queue: Queue, now: datetime) -> None:
    """Write what changed, and say or take back what operators are to know."""
    if queue == before:
        return
    row = update(MailQueueRow).where(col(MailQueueRow.id) == ONLY)
    session.execute(row.values(**_columns(queue)))
    _tell(session, before, queue, now)


def last_sent(session: Session) -> datetime | None:
    """When the relay last took a mail of ours."""
    return session.exec(select(func.max(DeliveryRow.sent_at))).first()


def _tell(session: Session, before: Queue, queue: Queue, now: datetime) -> None:
    if queue.blame is Blame.US:
        reason = told(REFUSES, said=queue.said)
        raise_notice(session, REFUSES, Weight.RED, reason, queue.since or now)
    elif before.blame is Blame.US:
        withdraw(session, REFUSES)
    if queue.blame is Blame.WORLD:
        reason = told(_key(queue.said), said=queue.said, needs=_needs(session, queue, now))
        raise_notice(session, LIMIT, Weight.WARNING, reason, now)
    elif before.limited is not None and (queue.limited is None or queue.blame is Blame.US):
        withdraw(session, LIMIT)


def _key(said: str) -> str:
    """What to call it that the relay takes nothing."""
    if not said[:3].isdecimal():
        return BROKEN
    return LIMIT if names_limit(said) else UNNAMED


def _needs(session: Session, queue: Queue, now: datetime) -> Told:
    """How many mails wait, and how long they need at what the relay took in its last window."""
    due = select(func.count()).where(DeliveryRow.state == State.PENDING, col(DeliveryRow.due_at) <= now)
    waiting = session.exec(due).one()
    if not queue.most or queue.began is None:
        return told("relay.waiting", n=waiting)
    taken = session.exec(select(func.count()).where(col(DeliveryRow.sent_at) >= queue.began)).one()
    if not taken:
        return told("relay.waiting", n=waiting)
    minutes = max(1, round(waiting / taken * queue.most / 60))
    needed = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    return told("relay.needs", n=waiting, needed=needed, taken=taken, seconds=round(queue.most))


def _columns(queue: Queue) -> Mapping[str, Any]:
    run = [{**asdict(one), "at": one.at.isoformat()} for one in queue.run]
    return {each.name: getattr(queue, each.name) for each in fields(Queue)} | {"run": run}
