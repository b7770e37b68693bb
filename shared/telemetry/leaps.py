"""Whether as much time has passed as the clock says: asked by whoever deletes what is old, or mails about it.

A clock that is years ahead makes everything old, and what is deleted does not come back when it is put right. So
after a leap nothing grows old before an operator has said that the clock is right, or the clock is put back. Weeks
in which nothing ran look the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, stands, withdraw
from shared.telemetry.told import told

MEMO: Final = "aged"  # up to when things may have grown old; written later than that: somebody is asked since then
LEAPT: Final = "clock.leapt"
LEAP: Final = timedelta(days=14)  # what is kept for a time is kept for longer than this


def may_age(session: Session, now: datetime) -> bool:
    """Whether what is old at `now` is so. Remembers `now`, or else says what to do. In a writing session."""
    memo = memos.read(session, MEMO, lock=True)
    known = datetime.fromisoformat(memo.text) if memo else now
    asked = memo is not None and memo.at != known
    if now - known <= LEAP or (asked and not stands(session, LEAPT)):
        memos.write(session, MEMO, now.isoformat(), now)
        withdraw(session, LEAPT)
        return True
    if not asked:
        memos.write(session, MEMO, known.isoformat(), now)
    said = told(LEAPT, known=f"{known:%Y-%m-%d}", now=f"{now:%Y-%m-%d}", days=(now - known).days)
    raise_notice(session, LEAPT, Weight.WARNING, said, now)
    return False


def if_believed(store: Store, do: Callable[[], bool]) -> bool:
    """Do what follows from the age of things, if the clock can be believed; what `do` says, or False."""
    with store.writing() as session:
        believed = may_age(session, store.now(session))
    return believed and do()
