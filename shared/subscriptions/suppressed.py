"""Suppressed addresses for operators: all of them, and the end of one by its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from shared.subscriptions.keys import Keys
from shared.subscriptions.suspensions import Suspension, lift
from shared.subscriptions.tables import PersonRow, SuspensionRow


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that nothing is sent to; `address` is empty where nobody has it any more."""

    hash: str
    address: str
    why: Suspension


def all_suppressed(session: Session) -> Sequence[Suppressed]:
    """The newest first."""
    rows = (
        select(SuspensionRow, PersonRow.address)
        .join(PersonRow, col(PersonRow.id) == col(SuspensionRow.person), isouter=True)
        .where(col(SuspensionRow.undone_at).is_(None))
        .order_by(col(SuspensionRow.at).desc(), col(SuspensionRow.address_hash))
    )
    return [
        Suppressed(row.address_hash, address or "", Suspension(row.at, row.code, row.reason))
        for row, address in session.exec(rows).all()
    ]


def lift_hash(session: Session, hash_: str, now: datetime, *, keys: Keys) -> bool:
    """An operator says that the address is good again. False where it was not suppressed."""
    row = session.get(SuspensionRow, hash_)
    if row is None or row.undone_at is not None:
        return False
    if row.person:
        return lift(session, row.person, now, keys=keys, origin="portal", reason="lifted by an operator")
    session.delete(row)
    session.flush()
    return True
