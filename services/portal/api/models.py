"""Pure. What the API says, as types: the keys that `vigie search --format json` prints, and those around them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from shared.archive.found import FoundItem
from shared.clock import rfc3339
from shared.items import Reason
from shared.sources.store import SourceHealth

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


class Said(BaseModel):
    """Read from the archive's own types."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Item(Said):
    """An item of the archive. Tags are assigned by a machine: `model` names it."""

    item_id: str
    revision: int = Field(description="counts from 1")
    source: str = Field(description="id of the source that owns the content")
    title: str = Field(description="the publisher's words")
    url: str | None
    published: Moment | None
    published_on: date | None
    first_seen: Moment
    language: str = Field(description="de, fr, en or other")
    themes: tuple[str, ...]
    scores: Mapping[str, float] = Field(description="theme to 0..1")
    sovereignty: float = Field(description="how much it is about digital sovereignty, 0..1; no rating of anybody")
    franco_german: bool
    organisations: tuple[str, ...]
    summary: str
    story: str = Field(description="id of the first item about the same event")
    model: str
    sources: tuple[str, ...] = Field(description="every source it was seen at, the owner first")


class Wording(Said):
    """A revision."""

    revision: int
    title: str
    seen_at: Moment


class Seen(Said):
    """A source that carries the item."""

    source: str
    url: str | None
    first_at: Moment


class ItemInFull(Item):
    """An item with its reasons and its history."""

    reasons: tuple[Reason, ...]
    revisions: tuple[Wording, ...]
    sightings: tuple[Seen, ...]


class Items(BaseModel):
    """A page of items. `next` is the address of the following page, null at the end."""

    query: str = Field(description="the query as it was understood")
    count: int = Field(description="all hits; above 10000 it says 10001")
    items: tuple[Item, ...]
    next: str | None


class Source(Said):
    """A source and how it is."""

    id: str
    name: str
    kind: str
    url: str
    country: str
    languages: tuple[str, ...]
    organisation: str
    enabled: bool
    state: str
    off_reason: str
    last_success: Moment | None
    last_new_item: Moment | None
    next_due: Moment | None
    items: int


class Sources(BaseModel):
    """All sources."""

    sources: tuple[Source, ...]


class StageStatus(Said):
    """A stage of the pipeline. What is red in it, operators read on the operations page."""

    alive: bool
    backlog: int
    dead: int


class Status(BaseModel):
    """How the product is."""

    ok: bool
    items: int
    stages: Mapping[str, StageStatus]
    sources: Mapping[str, int]
    deliveries: Mapping[str, int]


class Problem(BaseModel):
    """An error as in RFC 9457. `position` counts characters of the query from 0."""

    type: str
    title: str
    status: int
    code: str
    position: int | None = None


def item(found: FoundItem) -> Item:
    return Item.model_validate(found)


def item_in_full(found: FoundItem) -> ItemInFull:
    return ItemInFull.model_validate(found)


def source(health: SourceHealth) -> Source:
    return Source.model_validate(health)
