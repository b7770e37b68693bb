"""What follows from a restore, in the caller's transaction: nothing that may have been sent leaves by itself."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from shared.journal.lineage import await_sources, awaited
from shared.journal.restored import RESTORED
from shared.store import Store
from shared.subscriptions.held import hold_open
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices, raise_notice, reweigh, withdraw
from shared.telemetry.told import Told

SETTLES: Final = timedelta(minutes=5)
NOTICE: Final = "store.restored"


def hold_mails(session: Session, now: datetime, reason: Told) -> None:
    """Hold what is open, wait for every source's first poll, and say so. `reason` is for operators."""
    hold_open(session, now, RESTORED)
    await_sources(session)
    withdraw(session, NOTICE)  # an earlier restore's: it begins anew
    raise_notice(session, NOTICE, Weight.RED, reason, now)


def over(store: Store) -> None:
    """Say it as loudly as mails wait for a person; take it back once none does and every source was polled.

    Not in the first minutes, while the stages still read what waited for them.
    """
    with store.reading() as session:
        said = next((notice for notice in notices(session) if notice.key == NOTICE), None)
        if said is None:
            return
        now, held = store.now(session), _held(session)
        settled = not held and now - said.since >= SETTLES and not awaited(session)
    weight = Weight.RED if held else Weight.WARNING
    if settled or said.weight is not weight:
        with store.writing() as session:
            if settled:
                withdraw(session, NOTICE)
            else:
                reweigh(session, NOTICE, weight)


def _held(session: Session) -> bool:
    held = select(DeliveryRow.id).where(DeliveryRow.state == State.HELD, col(DeliveryRow.error) == RESTORED)
    return session.exec(held.limit(1)).first() is not None
