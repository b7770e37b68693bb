"""Who polls what: several collectors share the work without polling a source twice.

A claim is a token, written while the row is locked for a moment. It outlives the work's deadline, so it expires
only when its holder died; what the holder found is remembered only where its token still stands.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from shared.moments import SLACK
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


class Due(NamedTuple):
    """A source that is due."""

    id: str
    url: str


def due_sources(session: Session, now: datetime, limit: int) -> Sequence[Due]:
    """What `claim_due` may find, the longest due first: a look that takes no write lock.

    It is taken several times a second, so each of its cases is a range of an index: all of them in one condition
    would read every source.
    """
    found: dict[str, Due] = {}
    for case in _cases(now):
        if len(found) < limit:
            due = select(SourceRow.id, SourceRow.url).where(_on(), case, _free(now))
            rows = session.exec(due.order_by(col(SourceRow.next_due)).limit(limit))
            found |= {id_: Due(id_, url) for id_, url in rows if id_ not in found}
    return list(found.values())[:limit]


def claim_due(
    session: Session, now: datetime, *, owner: str, limit: int, only: Sequence[str] | None = None
) -> Sequence[Claim]:
    """Claim up to `limit` due sources, the longest due first. `now` is database time, `owner` this process.

    With `only`, of these sources. The rows are locked as they are found: between a look and a claim another
    collector may do the whole poll. What others have in hand at this moment is passed over.
    """
    due = select(SourceRow).where(_due(now)).order_by(col(SourceRow.next_due)).limit(limit)
    if only is not None:
        due = due.where(col(SourceRow.id).in_(only))
    rows = session.exec(due.with_for_update(skip_locked=True)).all()
    return _claimed(session, rows, owner, now)


def any_due(session: Session, now: datetime) -> bool:
    """Whether `due_sources` would find one: asked twenty times a second, so it is one statement, made once."""
    moments = {"b_now": now, "b_ahead": now + SLACK, "b_longest": now + CLAIM + SLACK}
    return bool(session.connection().execute(_ANY_DUE, moments).scalar())


def any_overdue(session: Session, now: datetime) -> bool:
    """Whether a source is due, be it in somebody's hands or not."""
    due = select(SourceRow.id).where(_on(), col(SourceRow.next_due) <= now)
    return session.exec(due.limit(1)).first() is not None


def expire_claims(session: Session, owner: str) -> None:
    """Give back what `owner` held when it died. Called once by a process at its start, for its own name."""
    freed = update(SourceRow).where(col(SourceRow.claimed_by) == owner)
    session.execute(freed.values(claim_token=None, claimed_by=None, claimed_until=None))


def put_off(session: Session, now: datetime) -> Sequence[SourceRow]:
    """Sources that are polled and not yet due."""
    return session.exec(select(SourceRow).where(_on(), col(SourceRow.next_due) > now)).all()


def make_due(session: Session, sources: Sequence[str], now: datetime) -> None:
    """Let these sources be polled at once."""
    session.execute(update(SourceRow).where(col(SourceRow.id).in_(sources)).values(next_due=now))


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(_on(), or_(*_cases(now)), _free(now))


def _cases(now: Any, ahead: Any = None) -> tuple[ColumnElement[bool], ...]:
    """Due by the clock; and what only a clock can have put off that was ahead: see `shared.moments`."""
    polled, next_due = col(SourceRow.last_fetch), col(SourceRow.next_due)
    ahead = now + SLACK if ahead is None else ahead
    return next_due <= now, polled > ahead, and_(polled.is_(None), next_due.is_not(None))


def _free(now: Any, longest: Any = None) -> ColumnElement[bool]:
    until = col(SourceRow.claimed_until)
    return or_(until.is_(None), until <= now, until > (now + CLAIM + SLACK if longest is None else longest))


def _on() -> ColumnElement[bool]:
    return and_(col(SourceRow.enabled), ~col(SourceRow.paused))


def _claimed(session: Session, rows: Sequence[SourceRow], owner: str, now: datetime) -> Sequence[Claim]:
    claims = [Claim(row, secrets.token_hex(8)) for row in rows]
    if claims:
        taken = update(SourceRow).where(col(SourceRow.id) == bindparam("source"))
        values = {"claim_token": bindparam("token"), "claimed_by": owner, "claimed_until": now + CLAIM}
        session.connection().execute(
            taken.values(**values), [{"source": claim.source, "token": claim.token} for claim in claims]
        )
    return claims


def _one_due() -> ColumnElement[bool]:
    free = _free(bindparam("b_now"), bindparam("b_longest"))
    return or_(*(exists().where(_on(), case, free) for case in _cases(bindparam("b_now"), bindparam("b_ahead"))))


_ANY_DUE: Final = sql_select(_one_due())
