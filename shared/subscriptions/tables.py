"""Tables of people, consent, subscriptions, matches and deliveries.

Ids that stand in links are random texts, never reused, so that the link of an erased person opens nothing. The
address stands in `people`, and one that a person moves to in `address_changes`: everything else names the person
by id, but for operators' mails and the notice to an address that was left.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, false, true
from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime
from shared.subscriptions.words import DEFAULT_ZONE


def _moment(*, null: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=null, index=index), default=None)


class PersonRow(SQLModel, table=True):
    """Somebody with an address. `zone` is the IANA zone that digest slots are counted in.

    `mailbox` is where mail to the address ends up, for limits; None where a program before wrote the row.
    """

    __tablename__ = "people"

    id: str = Field(primary_key=True)
    address: str = Field(unique=True)
    mailbox: str | None = Field(default=None, index=True)
    language: str
    zone: str = DEFAULT_ZONE
    created_at: datetime = _moment()


class ConsentRow(SQLModel, table=True):
    """One line of the append-only consent record. Nothing updates or deletes a line.

    It outlives the person, whom `address_hash` (keyed) identifies to somebody who knows the address and the key.
    `options` is what else was chosen, `proof` where an operator holds the consent. `text` and `template` name the
    wording that the person saw and the mail that was sent, by version.
    """

    __tablename__ = "consents"

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(index=True)
    subscription: str = Field(index=True)
    address_hash: str = Field(index=True)
    at: datetime = _moment()
    event: str
    query: str = Field(sa_type=Text)
    every: str
    language: str
    origin: str
    text: str
    template: str
    token_id: str = ""
    reason: str = ""
    options: str = Field(default="", sa_column_kwargs={"server_default": ""})
    proof: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class SubscriptionRow(SQLModel, table=True):
    """A query, how often, which language, one person. Pending until `confirmed_at`, over from `ended_at` on.

    From `weekday` to `strength` are the reader's options (`shared.subscriptions.options`); where a program before
    wrote the row, they are what it did. Until `paused_until` nothing is sent; what was found meanwhile waits.
    Where `introduce_at` stands, the first mail is owed: what the archive holds already. At `told_empty_at` its
    reader was told that nothing had been found for weeks.
    """

    __tablename__ = "subscriptions"

    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    query: str = Field(sa_type=Text)
    every: str
    language: str
    requested_at: datetime = _moment()
    confirmed_at: datetime | None = _moment(null=True, index=True)
    ended_at: datetime | None = _moment(null=True)
    end_reason: str = ""
    weekday: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    hour: int = Field(default=7, sa_column_kwargs={"server_default": "7"})
    zone: str = Field(default=DEFAULT_ZONE, sa_column_kwargs={"server_default": DEFAULT_ZONE})
    quiet_from: int | None = None
    quiet_until: int | None = None
    strength: str = Field(default="more", sa_column_kwargs={"server_default": "more"})
    updates: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    group_name: str | None = Field(default=None, index=True)
    paused_until: datetime | None = _moment(null=True)
    introduce_at: datetime | None = _moment(null=True, index=True)
    told_empty_at: datetime | None = _moment(null=True)


class GroupRow(SQLModel, table=True):
    """A wish that an operator owns, for the addresses of a list: each has a subscription of that `group_name`."""

    __tablename__ = "groups"

    name: str = Field(primary_key=True)
    query: str = Field(sa_type=Text)
    every: str
    language: str
    weekday: int = 0
    hour: int = 7
    zone: str = DEFAULT_ZONE
    strength: str = "fewer"
    made_at: datetime = _moment()
    ended_at: datetime | None = _moment(null=True)


class SubscriptionsVersionRow(SQLModel, table=True):
    """One row: counts the changes to what would match, so that a matcher knows when its index is stale."""

    __tablename__ = "subscriptions_version"

    id: int = Field(primary_key=True)
    version: int = 0


class EvaluatedItemRow(SQLModel, table=True):
    """An item that was matched against the subscriptions; it is never matched again."""

    __tablename__ = "evaluated_items"

    item_id: str = Field(primary_key=True)
    at: datetime = _moment(index=True)


class MatchRow(SQLModel, table=True):
    """A story that reaches a person. While it has no delivery, `due_at` is when the assignment looks again.

    `waits_since` is when it changed its mode; it is None where it has had its mode since it matched.
    """

    __tablename__ = "matches"
    __table_args__ = (
        UniqueConstraint("person", "story"),
        Index("ix_matches_waiting", "delivery_id", "every", "due_at"),
        {"sqlite_autoincrement": True},  # an id that was deleted must not come back in a key
    )

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="people.id")
    story: str = Field(index=True)
    item_id: str = Field(index=True)
    every: str
    matched_at: datetime = _moment()
    due_at: datetime = _moment()
    waits_since: datetime | None = _moment(null=True)
    delivery_id: str | None = Field(default=None, foreign_key="deliveries.id")


class MatchSubscriptionRow(SQLModel, table=True):
    """A subscription that found the story, with its reasons. `sure`: its surest tags alone would have."""

    __tablename__ = "match_subscriptions"
    __table_args__ = (Index("ix_match_subscriptions_found", "subscription", "match_id"),)

    match_id: int = Field(foreign_key="matches.id", primary_key=True)
    subscription: str = Field(foreign_key="subscriptions.id", primary_key=True)
    every: str
    reasons: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sure: bool = Field(default=True, sa_column_kwargs={"server_default": true()})


class DeliveryRow(SQLModel, table=True):
    """One mail to one person: a row in the send ledger.

    `key` says what it is for and makes a second insert fail. `due_at` is when it may (next) be sent. `attempts`
    counts refusals for now, `unknown` the times nobody knows whether the relay took it. `claim` is the token of
    the sender that holds it until `claimed_until`. `blame` says what `error` is about. `about` names
    what a mail of self-service is about by its ids, with spaces between. An operator's mail has `recipient`,
    `subject` and `body` and no person. `late` marks one that is held because its items were matched too late.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_next", "state", "priority", "due_at"),)

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    kind: str
    state: str
    person: str | None = Field(default=None, foreign_key="people.id", index=True)
    subscription: str | None = Field(default=None, foreign_key="subscriptions.id")
    language: str
    bundle: bool = False
    late: bool = False
    slot: date | None = None
    priority: int = 1
    recipient: str | None = None
    subject: str | None = None
    body: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = _moment(index=True)
    due_at: datetime = _moment()
    attempts: int = 0
    unknown: int = 0
    claim: str | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = _moment(null=True)
    sent_at: datetime | None = _moment(null=True, index=True)
    error: str = ""
    blame: str = Field(default="", sa_column_kwargs={"server_default": ""})
    about: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class BounceRow(SQLModel, table=True):
    """A mail to a person that came back, once for each delivery. `code` is as of RFC 3463, or SMTP's."""

    __tablename__ = "bounces"

    delivery: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    at: datetime = _moment()
    code: str
    reason: str = Field(sa_type=Text)
    permanent: bool


class SuspensionRow(SQLModel, table=True):
    """An address that mails came back from. It outlives the person, whom its keyed hash identifies.

    `person` is empty when nobody has the address any more. `delivery` is the mail that decided. Items that were
    matched since `since` are matched again for the person where the suspension was `undone_at`.
    """

    __tablename__ = "suspensions"

    address_hash: str = Field(primary_key=True)
    person: str = Field(index=True)
    at: datetime = _moment()
    since: datetime = _moment()
    code: str
    reason: str = Field(sa_type=Text)
    delivery: str
    undone_at: datetime | None = _moment(null=True)


class MailQueueRow(SQLModel, table=True):
    """One row: how the mail relay stands to us, in the words of `services/notifier/queue.py`."""

    __tablename__ = "mail_queue"

    id: int = Field(primary_key=True)
    blame: str = ""
    said: str = Field(default="", sa_type=Text)
    since: datetime | None = _moment(null=True)
    not_before: datetime | None = _moment(null=True)
    probe: str = ""
    probes: int = 0
    began: datetime | None = _moment(null=True)
    least: float = 0.0
    most: float = 0.0
    run: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    limited: datetime | None = _moment(null=True)


class DigestRunRow(SQLModel, table=True):
    """One person's digest for one slot; it exists only where there was something to send."""

    __tablename__ = "digest_runs"
    __table_args__ = (UniqueConstraint("person", "local_date", "slot"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="people.id")
    local_date: date
    slot: str
    delivery_id: str = Field(foreign_key="deliveries.id")
    at: datetime = _moment()


class UsedLinkRow(SQLModel, table=True):
    """A link that opens once was opened, named by its fingerprint; it is kept as long as the link would hold."""

    __tablename__ = "used_links"

    fingerprint: str = Field(primary_key=True)
    at: datetime = _moment(index=True)


class AddressChangeRow(SQLModel, table=True):
    """A person asks to get everything at another address; its link, mailed there, makes it so."""

    __tablename__ = "address_changes"

    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    address: str
    requested_at: datetime = _moment()


class SecretRow(SQLModel, table=True):
    """A key that this installation made for itself."""

    __tablename__ = "secrets"

    name: str = Field(primary_key=True)
    value: str
