"""Progress: since when work has waited that nobody does, although the stage says that it lives.

A heartbeat proves a thread that beats, not one that works: a reader that its group gives nothing, a lane that is
never polled, a loop whose due times went wrong beat as well. So each worker looks at its stages from outside, as
somebody who reads the bus and the store would, and writes down when they last got on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, delete
from sqlmodel import Field, Session, SQLModel, col, select

from shared.store.types import UtcDateTime
from shared.store.upsert import upsert

LOOK_EVERY: Final = 15.0  # seconds
FRESH: Final = timedelta(seconds=90)  # a look that is older says nothing: the worker stood, or nobody looks
FORGET: Final = timedelta(days=1)


class ProgressRow(SQLModel, table=True):
    """How far a lane of a stage was at the last look. `moved_at` is when it last got on, or had nothing to do."""

    __tablename__ = "progress"

    lane: str = Field(primary_key=True)
    stage: str
    place: int = Field(sa_type=BigInteger)
    moved_at: datetime = Field(sa_type=UtcDateTime)
    looked_at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a lane found: `place` moves with what is done, `waits` says whether anything is to do."""

    lane: str
    stage: str
    place: int
    waits: bool


def note(session: Session, looks: Sequence[Look], now: datetime) -> None:
    """Write the looks down. After a gap between two looks (a stop, a suspended machine) the time counts anew."""
    before = {row.lane: row for row in session.exec(select(ProgressRow)).all()}
    for look in looks:
        row = before.get(look.lane)
        stands = row is not None and look.waits and row.place == look.place and _follows(row.looked_at, now)
        moved_at = row.moved_at if row is not None and stands else now
        values = {"lane": look.lane, "stage": look.stage, "place": look.place}
        upsert(session, ProgressRow, ("lane",), {**values, "moved_at": min(moved_at, now), "looked_at": now})
    session.execute(delete(ProgressRow).where(col(ProgressRow.looked_at) < now - FORGET))


def standing(session: Session, now: datetime) -> Mapping[str, timedelta]:
    """Stage -> for how long the lane of it that stands the longest has not got on although something waits.

    Nothing longer than the time between two looks means anything.
    """
    found: dict[str, timedelta] = {}
    for row in session.exec(select(ProgressRow)).all():
        if _follows(row.looked_at, now):
            found[row.stage] = max(row.looked_at - row.moved_at, found.get(row.stage, timedelta(0)))
    return found


def _follows(looked_at: datetime, now: datetime) -> bool:
    return abs(now - looked_at) <= FRESH
