"""The tables of sources: what is configured, how they are, what of them was seen, what is held back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, Text, false
from sqlmodel import Field, SQLModel

from shared.store.types import UtcDateTime

_BigInt = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is the rowid of SQLite


class SourceRow(SQLModel, table=True):
    """A source. `origin` is `catalogue` or `operator`; a row is never deleted, so that its seen-set stays.

    `enabled` is the catalogue's word; an operator's wins: `paused`, or `resumed` where the catalogue says off.
    `off_reason` says why a source is not polled. `named`: the mission names the body. `verified` is when somebody
    saw the route work, `route` one that was applied in place of the catalogue's. `shape` is a listing page's
    accepted block, `proposal` the one that waits for somebody to accept it. `refusals` says which mails
    of a mailbox were not taken, and why.
    `found` is a way to read it that was looked for when it died, `searched` when.
    A poll holds the row by `claim_token` until `claimed_until`; `claimed_by` is the name of the process.
    `full_text` keeps the texts of its document, `reads_pages` also those of the pages that its entries lead to.
    `complete_since` is from when on the archive has all of it. `date_problem` says why its dates do not count.
    `validators_lie` is set when the server called a changed document unchanged; `last_body` is when a whole
    document came last. In seconds: `gap`, the usual time between two publications, and the publisher's wishes
    `ttl` and `max_age`.
    """

    __tablename__ = "sources"
    __table_args__ = (
        Index("sources_due", "enabled", "next_due"),
        Index("sources_fetched", "enabled", "last_fetch"),
    )

    id: str = Field(primary_key=True)
    origin: str = "catalogue"
    name: str = ""
    kind: str = "feed"
    url: str
    homepage: str = ""
    country: str = ""
    languages: list[str] = Field(default_factory=list, sa_type=JSON)
    organisation: str = ""
    enabled: bool = True
    paused: bool = False
    resumed: bool = False
    off_reason: str = ""
    interval: int | None = None
    note: str = ""
    robots_override: str = ""
    licence: str = ""
    full_text: bool = True
    reads_pages: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    full_text_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    browser: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    checked: str = ""
    assumed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    named: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    verified: datetime | None = Field(default=None, sa_type=UtcDateTime)
    route: dict[str, str] | None = Field(default=None, sa_type=JSON)
    sitemap: dict[str, str] | None = Field(default=None, sa_type=JSON)
    listing: dict[str, str] | None = Field(default=None, sa_type=JSON)
    mailbox: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    shape: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    proposal: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    refusals: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    found: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    searched: datetime | None = Field(default=None, sa_type=UtcDateTime)

    state: str = "new"
    error_score: float = 0.0
    last_error: str | None = Field(default=None, sa_type=Text)
    trouble: str | None = None
    errors_in_row: int = 0
    moved_to: str | None = None
    moves: int = 0

    next_due: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claim_token: str | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    validators_lie: bool = False
    last_body: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gap: float | None = None
    ttl: float | None = None
    max_age: float | None = None

    last_fetch: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_success: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_success: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_new_item: datetime | None = Field(default=None, sa_type=UtcDateTime)
    newest_published: datetime | None = Field(default=None, sa_type=UtcDateTime)
    items: int = 0
    polls: int = 0
    not_modified: int = 0
    unchanged: int = 0
    parses: int = 0
    pages_read: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    pages_missed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    page_problem: str | None = Field(default=None, sa_type=Text)
    date_problem: str | None = Field(default=None, sa_type=Text)
    complete_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SeenEntry(SQLModel, table=True):
    """An entry that a source has shown, under the item id that it was given once and keeps.

    `entry_key` is what the source calls it; `url_key`, `title_key` and `text_key` find it again when the source
    renames or re-dates it; `fingerprint` is a similarity hash of its words. Revisions inherit `purpose`.
    """

    __tablename__ = "seen_entries"
    __table_args__ = (
        Index("seen_entries_url", "source", "url_key"),
        Index("seen_entries_title", "source", "title_key"),
        Index("seen_entries_text", "source", "text_key"),
    )

    source: str = Field(primary_key=True)
    entry_key: str = Field(primary_key=True)
    item_id: str = Field(index=True)
    url_key: str | None = None
    title_key: str = ""
    text_key: str = ""
    fingerprint: str = ""
    title: str = Field(default="", sa_type=Text)
    content_hash: str
    purpose: str
    published: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_at: datetime = Field(sa_type=UtcDateTime)


class PassedPage(SQLModel, table=True):
    """A page of a sitemap that was looked at and is no publication, or was there before we came: never again."""

    __tablename__ = "passed_pages"

    source: str = Field(primary_key=True)
    url_key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class HeldEntry(SQLModel, table=True):
    """An entry that the flood guard archived without mail. `collected` is the item as it was sent in bulk.

    It waits, until an operator releases it: then it is sent once more as live, and `released_at` is set.
    """

    __tablename__ = "held_entries"
    __table_args__ = (Index("held_entries_open", "source", "released_at"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    source: str
    entry_key: str
    item_id: str = Field(unique=True)
    title: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    held_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    collected: dict[str, Any] = Field(sa_type=JSON)


class LookBackRow(SQLModel, table=True):
    """How far a look back at what a source published before came. One for each source, the last one.

    `way` is where it began, `waiting` what is to be read next, `visited` the documents that were. `entries` counts
    those seen, `sent` those that went to the archive, `missed` documents that did not answer; `oldest` is the
    earliest date seen. `ended` says how it ended; empty while it goes on.
    """

    __tablename__ = "look_backs"

    source: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    way: str = ""
    waiting: list[list[Any]] = Field(default_factory=list, sa_type=JSON)
    visited: list[str] = Field(default_factory=list, sa_type=JSON)
    entries: int = 0
    sent: int = 0
    missed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    oldest: datetime | None = Field(default=None, sa_type=UtcDateTime)
    began_at: datetime = Field(sa_type=UtcDateTime)
    went_on_at: datetime = Field(sa_type=UtcDateTime)
    ended: str = Field(default="", sa_type=Text)


class HubRow(SQLModel, table=True):
    """The hub that a source announces, and our subscription to it. `topic` is the source as the hub knows it.

    `token` names our callback, `secret` signs what is pushed. `state` is new, asked, verified or denied.
    """

    __tablename__ = "hubs"

    source: str = Field(primary_key=True)
    hub: str
    topic: str
    token: str = Field(unique=True, index=True)
    secret: str
    state: str = "new"
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pushed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
