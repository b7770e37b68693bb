"""Notices: what a stage has to say to operators beyond its own life and death, kept in the store until it is over.

A heartbeat says how a stage is now; a notice says what happened (a file was made anew, the clock stepped) or what
lasts (the relay refuses), whichever process asks and whether the stage still runs. Every notice is a finding of
`vigie status` and of all that shares it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from shared.store.types import UtcDateTime
from shared.store.upsert import upsert
from shared.telemetry.facts import Notice, Weight
from shared.telemetry.told import Told, kept, remedy_of


class NoticeRow(SQLModel, table=True):
    """A notice. `since` is when it was raised first; `told` is its reason as a `Told`."""

    __tablename__ = "notices"

    key: str = Field(primary_key=True)
    weight: str
    reason: str = Field(sa_type=Text)
    remedy: str = Field(sa_type=Text)
    since: datetime = Field(sa_type=UtcDateTime)
    told: dict[str, Any] | None = Field(default=None, sa_type=JSON)


def raise_notice(session: Session, key: str, weight: Weight, reason: Told, now: datetime) -> None:
    """Say it, or say it anew in other words: `since` stays what it was. Nothing of it may name a person.

    `key` is a kind with a dot (`relay.refuses`), and after a colon what it is about, where there can be several.
    What to do about the kind stands in the catalogue.
    """
    remedy = remedy_of(key.partition(":")[0]) or ""
    said = {"reason": str(reason), "told": reason.shown(), "remedy": remedy}
    since = session.exec(select(NoticeRow.since).where(NoticeRow.key == key)).first()
    upsert(session, NoticeRow, ("key",), {"key": key, "weight": weight.value, **said, "since": since or now})


def reweigh(session: Session, key: str, weight: Weight) -> None:
    """Say it as it was said, louder or less loud."""
    session.execute(update(NoticeRow).where(col(NoticeRow.key) == key).values(weight=weight.value))


def withdraw(session: Session, key: str) -> bool:
    """It is over, or an operator has read it. False when there is no such notice."""
    gone = session.execute(delete(NoticeRow).where(col(NoticeRow.key) == key))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def stands(session: Session, key: str) -> bool:
    """Whether it was said, and neither ended nor was cleared."""
    return session.get(NoticeRow, key) is not None


def notices(session: Session) -> tuple[Notice, ...]:
    """All notices, the oldest first."""
    rows = session.exec(select(NoticeRow).order_by(col(NoticeRow.since), col(NoticeRow.key))).all()
    return tuple(
        Notice(row.key, Weight(row.weight), row.reason, row.remedy, row.since, kept(row.told)) for row in rows
    )
