"""Memos: what the installation remembers of the world around its database, one short text per name.

The latest time that it has seen, which bus it wrote to: what is no longer so at the next look tells what happened.
"""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, Session, SQLModel, col, delete, select

from shared.store.types import UtcDateTime
from shared.store.upsert import upsert


class MemoRow(SQLModel, table=True):
    """A memo, and when it was written."""

    __tablename__ = "memos"

    name: str = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


def read(session: Session, name: str, *, lock: bool = False) -> MemoRow | None:
    """The memo as it stands; with `lock` nobody writes it anew before this transaction ends."""
    asked = select(MemoRow).where(col(MemoRow.name) == name)
    return session.exec(asked.with_for_update() if lock else asked).first()


def write(session: Session, name: str, text: str, now: datetime) -> None:
    """Keep it from now on, in place of what it said before."""
    upsert(session, MemoRow, ("name",), {"name": name, "text": text, "at": now})


def forget(session: Session, name: str) -> None:
    """It counts no more."""
    session.execute(delete(MemoRow).where(col(MemoRow.name) == name))
