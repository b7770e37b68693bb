"""The tables that go with journals: the store's generation, who vouches for it, whose first poll is awaited."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime


class LineageRow(SQLModel, table=True):
    """One row. `store` names the installation, and is made with the schema; a copy has the same name.

    `generation` grows before mails leave, `mails` with each of which is remembered how it ended. `restored_at` is
    when the store was last found to be restored. `marked` is set by `vigie restore` until a notifier has looked.
    """

    __tablename__ = "lineage"

    id: int = Field(primary_key=True)
    store: str
    generation: int = 0
    mails: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    restored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    marked: bool = False


class JournalRow(SQLModel, table=True):
    """A journal of a notifier on a server; `vouched_at` is when it last found the database as it knows it."""

    __tablename__ = "journals"

    id: str = Field(primary_key=True)
    vouched_at: datetime = Field(sa_type=UtcDateTime)


class CatchingUpRow(SQLModel, table=True):
    """A source as of the last restore. `until` is the end of its first successful poll since, None before that."""

    __tablename__ = "catching_up"

    source: str = Field(primary_key=True)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
