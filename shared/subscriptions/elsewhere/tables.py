"""Tables of the ways of a subscription beside its mails."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime


class SecretFeedRow(SQLModel, table=True):
    """An address at which a subscription is read as a feed. Nobody can tell it from this row.

    A row stays when its address has ended: whoever still asks there is told so.
    """

    __tablename__ = "secret_feeds"

    token_hash: str = Field(primary_key=True)
    subscription: str = Field(foreign_key="subscriptions.id", index=True)
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
