"""Who polls what: several collectors share the work without polling a source twice.

A claim is a short conditional UPDATE with a token. It outlives the work's deadline, so it expires only when its
holder died; what the holder found is remembered only where its token still stands.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, or_, update
from sqlmodel import Session, col, select

from shared.sources.tables import SourceRow

CLAIM: Final = timedelta(minutes=10)  # a poll's deadlines add up to less than three


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to poll a source, and the row as it was then."""

    row: SourceRow
    token: str

    @property
    def source(self) -> str:
        return self.row.id


def claim_due(session: Session, now: datetime, *, owner: str, limit: int) -> Sequence[Claim]:
    """Claim up to `limit` due sources, the longest due first. `now` is database time, `owner` this process."""
    free = or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now)
    due = (
        select(SourceRow)
        .where(SourceRow.enabled, ~col(SourceRow.paused), col(SourceRow.next_due) <= now, free)
        .order_by(col(SourceRow.next_due))
        .limit(limit)
    )
    claims = []
    for row in session.exec(due).all():
        token = secrets.token_hex(8)
        taken = (
            update(SourceRow)
            .where(col(SourceRow.id) == row.id, free)
            .values(claim_token=token, claimed_by=owner, claimed_until=now + CLAIM)
            .execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", session.execute(taken)).rowcount:
            claims.append(Claim(row, token))
    return claims


def any_due(session: Session, now: datetime) -> bool:
    """Whether `claim_due` may find something: a look that takes no write lock."""
    free = or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now)
    due = select(SourceRow.id).where(
        SourceRow.enabled, ~col(SourceRow.paused), col(SourceRow.next_due) <= now, free
    )
    return session.exec(due.limit(1)).first() is not None


def expire_claims(session: Session, owner: str) -> None:
    """Give back what `owner` held when it died. Called once by a process at its start, for its own name."""
    freed = update(SourceRow).where(col(SourceRow.claimed_by) == owner)
    session.execute(freed.values(claim_token=None, claimed_by=None, claimed_until=None))
