"""The tables of watching: the present watch over each source, and the spans that are over."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, Integer, Text
from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime

_BigInt = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is the rowid of SQLite


class WatchRow(SQLModel, table=True):
    """The present watch over a source: one row, extended by every proof. See `shared.watched.rules.Watch`."""

    __tablename__ = "watches"

    source: str = Field(primary_key=True)
    began: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    due: datetime = Field(sa_type=UtcDateTime)
    address: str
    seen: list[str] = Field(default_factory=list, sa_type=JSON)
    why: str | None = None
    words: str = Field(default="", sa_type=Text)


class SpanRow(SQLModel, table=True):
    """A time in which a source was watched, and why it ended."""

    __tablename__ = "watched_spans"
    __table_args__ = (Index("watched_spans_source", "source", "until"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    source: str
    began: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    why: str
    words: str = Field(default="", sa_type=Text)


class GapRow(SQLModel, table=True):
    """A time that was not watched when it came first; the clock was put back, and it comes again."""

    __tablename__ = "watched_gaps"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    source: str
    began: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    why: str
    words: str = Field(default="", sa_type=Text)
