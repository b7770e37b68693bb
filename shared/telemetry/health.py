"""Heartbeats: every process says in the store which stages it runs and how they are, so that others can tell.

A stage is alive when one of its instances said so within EXPIRY: they say it about every five seconds, and take it
back at a graceful stop. A word from the future is no word: the clock was ahead when it was said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, select

from shared.store.types import UtcDateTime
from shared.store.upsert import upsert

EXPIRY: Final = timedelta(seconds=20)
FORGET: Final = timedelta(days=1)  # rows of instances that never came back
RUNNING: Final = "running"
FAILING: Final = "failing"


class HeartbeatRow(SQLModel, table=True):
    """The latest word of one stage in one process. `error` says what is red, empty when nothing is."""

    __tablename__ = "heartbeats"

    instance: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    alive_at: datetime = Field(sa_type=UtcDateTime)
    state: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class StageHealth:
    """A stage over all its instances. `error` is that of a living instance, None when nothing is red."""

    alive: bool
    alive_at: datetime
    error: str | None


def beat(session: Session, instance: str, errors: Mapping[str, str | None], now: datetime) -> None:
    """Say that these stages of `instance` live; `errors` tells per stage what is red."""
    for stage, error in errors.items():
        values = {
            "instance": instance,
            "stage": stage,
            "alive_at": now,
            "state": FAILING if error else RUNNING,
            "error": (error or "")[:500],
        }
        upsert(session, HeartbeatRow, ("instance", "stage"), values)
    session.execute(delete(HeartbeatRow).where(col(HeartbeatRow.alive_at) < now - FORGET))


def leave(session: Session, instance: str, stages: Sequence[str]) -> None:
    """Take the word of these stages back: they were stopped on purpose."""
    session.execute(
        delete(HeartbeatRow).where(
            col(HeartbeatRow.instance) == instance, col(HeartbeatRow.stage).in_(list(stages))
        )
    )


def stages(session: Session, now: datetime, instance: str | None = None) -> Mapping[str, StageHealth]:
    """Stage -> health, for the stages that were ever heard of, from one instance or from any."""
    found: dict[str, StageHealth] = {}
    said = select(HeartbeatRow).order_by(col(HeartbeatRow.alive_at))
    if instance is not None:
        said = said.where(col(HeartbeatRow.instance) == instance)
    for row in session.exec(said):
        alive = abs(now - row.alive_at) <= EXPIRY
        before = found.get(row.stage)
        error = (row.error or (before.error if before else None)) if alive else None
        found[row.stage] = StageHealth(alive or (before is not None and before.alive), row.alive_at, error or None)
    return found
