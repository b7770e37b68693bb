"""Deaths: how often a process ended without a word, and was started again as if nothing had been.

A parent or a container engine brings a worker back within seconds, so that one that dies again and again looks
alive whenever somebody looks.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, func, select

from shared.store.types import UtcDateTime
from shared.telemetry.health import HeartbeatRow

WITHIN: Final = timedelta(hours=1)  # deaths before that are past
FORGET: Final = timedelta(days=1)


class DeathRow(SQLModel, table=True):
    """A process that left its heartbeats behind, as the next of its name found."""

    __tablename__ = "deaths"

    id: int | None = Field(default=None, primary_key=True)
    instance: str
    at: datetime = Field(sa_type=UtcDateTime)


def find_death(session: Session, instance: str, now: datetime) -> bool:
    """To be asked before the first heartbeat of a process: whether the last of this name died. It is kept."""
    left = session.exec(select(HeartbeatRow.stage).where(HeartbeatRow.instance == instance).limit(1)).first()
    session.execute(delete(DeathRow).where(col(DeathRow.at) < now - FORGET))
    if left is not None:
        session.add(DeathRow(instance=instance, at=now))
    return left is not None


def deaths(session: Session, now: datetime) -> Mapping[str, int]:
    """Instance -> how often it died lately."""
    lately = select(DeathRow.instance, func.count()).where(col(DeathRow.at) > now - WITHIN)
    return dict(session.exec(lately.group_by(DeathRow.instance)).all())
