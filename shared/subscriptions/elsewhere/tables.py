"""Tables of the ways of a subscription beside its mails."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime


def _moment(*, null: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=null, index=index), default=None)


class SecretFeedRow(SQLModel, table=True):
    """An address at which a subscription is read as a feed. Nobody can tell it from this row.

    A row stays when its address has ended: whoever still asks there is told so.
    """

    __tablename__ = "secret_feeds"

    token_hash: str = Field(primary_key=True)
    subscription: str = Field(foreign_key="subscriptions.id", index=True)
    made_at: datetime = _moment()
    ended_at: datetime | None = _moment(null=True, index=True)


class WebhookRow(SQLModel, table=True):
    """An address that a subscription's stories are posted to. `secret` is kept, since who signs needs it.

    `failures` counts the tries in a row that failed `failing_since`; until `not_before` it is left in peace.
    `said` is how the last try ended, at `tried_at`. From `paused_at` on nothing is tried until its owner says so.
    """

    __tablename__ = "webhooks"

    id: str = Field(primary_key=True)
    subscription: str = Field(foreign_key="subscriptions.id", index=True)
    url: str = Field(sa_type=Text)
    secret: str
    made_at: datetime = _moment()
    ended_at: datetime | None = _moment(null=True, index=True)
    paused_at: datetime | None = _moment(null=True)
    failures: int = 0
    failing_since: datetime | None = _moment(null=True)
    not_before: datetime | None = _moment(null=True)
    tried_at: datetime | None = _moment(null=True)
    said: str = Field(default="", sa_type=Text)


class WebhookPostRow(SQLModel, table=True):
    """A story that is posted to a webhook, once: a row of an outbox. Its id is the `webhook-id` of every try.

    `claim` is the token of the sender that holds it until `claimed_until`; who finds an expired claim tries again.
    """

    __tablename__ = "webhook_posts"
    __table_args__ = (UniqueConstraint("webhook", "story"), Index("ix_webhook_posts_next", "state", "due_at"))

    id: str = Field(primary_key=True)
    webhook: str = Field(foreign_key="webhooks.id")
    story: str
    item_id: str
    reasons: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sure: bool = True
    state: str
    created_at: datetime = _moment(index=True)
    due_at: datetime = _moment()
    attempts: int = 0
    claim: str | None = None
    claimed_until: datetime | None = _moment(null=True)
    sent_at: datetime | None = _moment(null=True)
    error: str = Field(default="", sa_type=Text)
