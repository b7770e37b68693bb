"""The tables of the archive. Rows of the same item hang on `items.id` where they serve queries, else on `item_id`.

`items.id` grows in order of arrival; "newest first" is by `sort_at`, then by `id`: by `item_places.place`.
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from shared.archive.packed_scores import PackedScores
from shared.store.packing import PackedText
from shared.store.types import UtcDateTime

GIVEN_UP: Final = "the time was over for which it is kept"  # in `text_missing`, of a text that a rule took out

_BigInt = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is the rowid of SQLite
_REVISED: Final = text("revision > 1")  # all others came when they were first seen
_KEY_ONLY = {"sqlite_with_rowid": False}  # small rows that are all key: kept once, not in table and index


class ItemRow(SQLModel, table=True):
    """The current state of an item: the wording of its latest revision, and the verdict that counts.

    `source` owns the content. `updated` is the publisher's word, `revised_at` our time of the current revision.
    `sort_at` is `published`, else `first_seen`; `day` is the one that counts (`shared.items.day_of`). `story` is
    as assigned; `story_aliases` may lead further.
    `text` stands last: SQLite then reads its overflow pages only when they are asked for.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index("items_newest", "sort_at", "id"),
        Index("items_source_newest", "source", "sort_at", "id"),
        Index("items_revised", "revised_at", sqlite_where=_REVISED, postgresql_where=_REVISED),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    item_id: str = Field(unique=True)
    source: str
    source_name: str = ""
    organisation: str = ""
    country: str = ""
    url: str | None = None
    title: str
    published: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_on: date | None = None
    day: date | None = None
    updated: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_seen: datetime = Field(sa_type=UtcDateTime, index=True)
    sort_at: datetime = Field(sa_type=UtcDateTime)
    revised_at: datetime = Field(sa_type=UtcDateTime)
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    entered_in_bulk: bool = False
    revision: int = 1
    content_hash: str
    story: str = Field(index=True)

    model: str
    classified_at: datetime = Field(sa_type=UtcDateTime)
    language: str
    sovereignty: float
    franco_german: bool
    themes: list[str] = Field(sa_type=JSON)
    scores: dict[str, float] = Field(sa_type=PackedScores)
    organisations: list[str] = Field(sa_type=JSON)
    announced: list[dict[str, Any]] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})

    guid: str | None = None
    languages: list[str] = Field(sa_type=JSON)
    declared_language: str | None = None
    published_raw: str | None = None
    authors: list[str] = Field(sa_type=JSON)
    categories: list[str] = Field(sa_type=JSON)
    truncated: bool = False
    text_from: str = Field(default="", sa_column_kwargs={"server_default": ""})
    text_missing: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    summary: str = Field(sa_type=PackedText)
    text: str = Field(sa_type=PackedText)


class PlaceRow(SQLModel, table=True):
    """Where an item (`items.id`) stands among all, which is also its key in the search index; and facts of it.

    `place` is of `shared.archive.places`. `version` is that of the analyser that made its entry in the index. An
    item without a row has an entry of old, in `item_search`. `sovereignty` is in millionths, `themes` a number of
    `shared.archive.theme_bits`, or NULL: then `item_themes` alone has them.
    """

    __tablename__ = "item_places"

    place: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    item: int = Field(unique=True, sa_type=_BigInt)
    version: int
    day: date
    sovereignty: int
    country: str
    language: str
    themes: int | None = Field(default=None, sa_type=_BigInt)


class TallyRow(SQLModel, table=True):
    """How many items have a value of a field, and one of another; the key is `shared.archive.tallies.Key`."""

    __tablename__ = "item_tallies"
    __table_args__ = (_KEY_ONLY,)

    field: str = Field(primary_key=True)
    also: str = Field(primary_key=True)
    span: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    value: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    items: int = Field(sa_type=_BigInt)


class RevisionRow(SQLModel, table=True):
    """An earlier wording of an item; the current one stands in `items`. `seen_at` is when it arrived here."""

    __tablename__ = "revisions"

    item_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    content_hash: str
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    title: str
    summary: str = Field(sa_type=PackedText)
    text: str = Field(sa_type=PackedText)


class VerdictRow(SQLModel, table=True):
    """What one model version said of one revision. The verdict that counts is copied into `items`."""

    __tablename__ = "verdicts"

    item_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    model: str = Field(primary_key=True)
    classified_at: datetime = Field(sa_type=UtcDateTime)
    language: str
    sovereignty: float
    franco_german: bool
    themes: list[str] = Field(sa_type=JSON)
    scores: dict[str, float] = Field(sa_type=PackedScores)
    organisations: list[str] = Field(sa_type=JSON)
    reasons: list[dict[str, Any]] = Field(sa_type=JSON)
    announced: list[dict[str, Any]] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})


class CorrectionRow(SQLModel, table=True):
    """A person's word on a label of an item, kept and stronger than every machine's.

    `label` is a theme id, `sovereignty` or `franco_german`; `value` is 0..1, from 0.5 on the label holds.
    """

    __tablename__ = "corrections"

    item_id: str = Field(primary_key=True)
    label: str = Field(primary_key=True)
    value: float
    corrected_at: datetime = Field(sa_type=UtcDateTime)
    note: str = ""


class SightingRow(SQLModel, table=True):
    """A source that the item was seen at, the owner's included."""

    __tablename__ = "sightings"
    __table_args__ = (Index("sightings_source", "source", "item_id"),)

    item_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    url: str | None = None
    first_at: datetime = Field(sa_type=UtcDateTime)


class ItemThemeRow(SQLModel, table=True):
    """A theme that the current verdict gives the item; `item` is `items.id`."""

    __tablename__ = "item_themes"
    __table_args__ = (Index("item_themes_theme", "theme", "item"), _KEY_ONLY)

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    theme: str = Field(primary_key=True)
    score: float


class ItemOrganisationRow(SQLModel, table=True):
    """An organisation that the current revision names, by its `name_key`; `item` is `items.id`."""

    __tablename__ = "item_organisations"
    __table_args__ = (Index("item_organisations_organisation", "organisation", "item"), _KEY_ONLY)

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    organisation: str = Field(primary_key=True)


class ItemAnnouncementRow(SQLModel, table=True):
    """A call or an event that the current verdict sees announced; `item` is `items.id`."""

    __tablename__ = "item_announcements"
    __table_args__ = (Index("item_announcements_day", "kind", "day", "item"), _KEY_ONLY)

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True)
    day: date | None = None


class ItemSpikeRow(SQLModel, table=True):
    """What went far above its own rhythm when the item came, see `shared.items.Spike`; `item` is `items.id`."""

    __tablename__ = "item_spikes"
    __table_args__ = (Index("item_spikes_value", "kind", "value", "seen_at"),)

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    found: int
    usual: float
    seen_at: datetime = Field(sa_type=UtcDateTime)


class RemovedItemRow(SQLModel, table=True):
    """An item that was taken out for good, and stays out whatever its source sends. `story` is where it stood.

    `reason` is a word of `shared.archive.removal.Because`; `note` is an operator's, for operators.
    """

    __tablename__ = "removed_items"

    item_id: str = Field(primary_key=True)
    story: str = Field(index=True)
    reason: str
    note: str = ""
    removed_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ItemMeaningRow(SQLModel, table=True):
    """What the wording `content_hash` of an item says, as `shared.meaning.vectors.Vectors`; `item` is `items.id`.

    It counts while the item has that wording.
    """

    __tablename__ = "item_meanings"

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    content_hash: str
    version: str
    title: bytes = Field(sa_type=LargeBinary)
    text: bytes = Field(sa_type=LargeBinary)


class StoryAliasRow(SQLModel, table=True):
    """Story `alias` was found to be story `story`. One step leads to the root: `story` is never an alias."""

    __tablename__ = "story_aliases"

    alias: str = Field(primary_key=True)
    story: str = Field(index=True)
    merged_at: datetime = Field(sa_type=UtcDateTime)


class StoryKeyRow(SQLModel, table=True):
    """A key under which items of the same story meet: hash of a title, a text, or a part of one."""

    __tablename__ = "story_keys"
    __table_args__ = (_KEY_ONLY,)

    key: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    sort_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    item: int = Field(primary_key=True, sa_type=_BigInt, index=True, sa_column_kwargs={"autoincrement": False})


class StoryArrivalRow(SQLModel, table=True):
    """An item was grouped, or its wording or its place in time is another: `seq` grows in the order of commits.

    Who looked for neighbours before taking the stories' lock looks at what arrived since. The newest are kept.
    """

    __tablename__ = "story_arrivals"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    item: int = Field(sa_type=_BigInt)


class StoryEventRow(SQLModel, table=True):
    """What happened to the story of an item, and why; never changed afterwards.

    `item_id` came to `story`, for the sake of `other_id`; or left it. `how` is a word of
    `shared.archive.story_events.How`, `evidence` a `shared.archive.story_events.Evidence`.
    """

    __tablename__ = "story_events"

    id: int | None = Field(default=None, primary_key=True, sa_type=_BigInt)
    item_id: str = Field(index=True)
    other_id: str = Field(index=True)
    story: str = Field(index=True)
    how: str
    evidence: dict[str, Any] = Field(sa_type=JSON)
    note: str = ""
    at: datetime = Field(sa_type=UtcDateTime)


class StoryWordRow(SQLModel, table=True):
    """A person's word on two items (`one` < `other`): they tell one event, or never do. No machine undoes it."""

    __tablename__ = "story_words"

    one: str = Field(primary_key=True)
    other: str = Field(primary_key=True, index=True)
    together: bool
    note: str = ""
    said_at: datetime = Field(sa_type=UtcDateTime)


class SubjectRow(SQLModel, table=True):
    """Two items (`items.id`) of one subject, which is shown and decides nothing: cosines of titles and texts."""

    __tablename__ = "item_subjects"
    __table_args__ = (_KEY_ONLY,)

    item: int = Field(primary_key=True, sa_type=_BigInt, sa_column_kwargs={"autoincrement": False})
    other: int = Field(primary_key=True, sa_type=_BigInt, index=True, sa_column_kwargs={"autoincrement": False})
    title: float
    text: float


class FollowedFeedRow(SQLModel, table=True):
    """A feed of a search that was asked for, by the address that it gives itself, and what a hub was told of it.

    `looked` is the newest arrival that it was last looked at with, `told` what it held when the hub was last told.
    """

    __tablename__ = "followed_feeds"

    topic: str = Field(primary_key=True)
    query: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    looked: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told: str = ""
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
