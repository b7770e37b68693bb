"""Pure. What the API says, as types: the keys that `vigie search --format json` prints, and those around them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from shared.archive.facets import By, Step
from shared.archive.found import FoundItem
from shared.archive.removal import Because
from shared.clock import rfc3339
from shared.items import Reason
from shared.sources.store import SourceHealth

_WHEN: Final = {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:00:00Z"]}
Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str), WithJsonSchema(_WHEN)]


class Said(BaseModel):
    """Read from the archive's own types."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Item(Said):
    """An item of the archive. Tags are assigned by a machine: `model` names it."""

    item_id: str = Field(description="never given to another item", examples=["0a1b2c3d4e5f60718293a4b5c6d7e8f9"])
    revision: int = Field(description="counts from 1", ge=1)
    source: str = Field(description="id of the source that owns the content", examples=["inria"])
    title: str = Field(description="the publisher's words")
    url: str | None
    published: Moment | None = Field(description="by the publisher; null where nothing was written")
    published_on: date | None = Field(description="the day, where only a day was written")
    first_seen: Moment
    language: str = Field(description="de, fr, en or other", examples=["fr"])
    themes: tuple[str, ...] = Field(examples=[["ai", "energy"]])
    scores: Mapping[str, float] = Field(description="theme to 0..1", examples=[{"ai": 0.91, "energy": 0.77}])
    sovereignty: float = Field(
        ge=0, le=1, description="how much it is about digital sovereignty, 0..1; no rating of anybody"
    )
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

    query: str = Field(description="the query as it was understood", examples=["theme:energy lang:de"])
    count: int = Field(description="all hits; above 10000 it says 10001", ge=0)
    items: tuple[Item, ...]
    next: str | None
    other_spelling: str | None = Field(
        default=None,
        description="where nothing is found: the query with umlauts set or taken away, which finds something",
    )
    never: str | None = Field(
        default=None,
        description="what of the query can never hold together, so that it finds nothing, ever",
        examples=["after:2026-06 before:2026-03"],
    )


class Story(BaseModel):
    """Items about the same event, in order of arrival. `story` is the id of the first."""

    story: str
    items: tuple[Item, ...]


class Organisation(BaseModel):
    """A body that items name. `query` finds them."""

    id: str | None = Field(
        description="in the list of bodies; null for a name that is not on it", examples=["inria"]
    )
    name: str = Field(examples=["Inria"])
    country: str | None = Field(description="ISO 3166 alpha-2, EU or INT", examples=["FR"])
    items: int = Field(description="items that name it", ge=0)
    query: str = Field(examples=['org:"Inria"'])


class Organisations(BaseModel):
    """The bodies that items of the archive name, those that are named most first."""

    organisations: tuple[Organisation, ...]


class Source(Said):
    """A source and how it is. `named`: a body of the mission; `assumed`: nobody saw the way to read it work."""

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
    named: bool
    assumed: bool
    last_success: Moment | None
    last_new_item: Moment | None
    next_due: Moment | None
    complete_since: Moment | None = Field(description="from when on the archive has all of it; null: nobody knows")
    items: int


class Sources(BaseModel):
    """All sources."""

    sources: tuple[Source, ...]


class Counted(BaseModel):
    """A value and the items that have it."""

    value: str
    count: int


class Facets(BaseModel):
    """By what, the values that items have, the most frequent first. A band is named by its lower bound.

    `of_newest` is how many of the newest hits were counted where it was not all of them; null where it was.
    """

    query: str
    facets: Mapping[By, tuple[Counted, ...]]
    of_newest: int | None = None


class Bucket(BaseModel):
    """A day, week or month. `all` counts every item of the archive, `sources` those that published any."""

    start: date
    count: int
    all: int
    share: float | None = Field(description="of all items, 0..1; null where there are none")
    sources: int


class Mark(Said):
    """A source, or a model of the tags, that began in this bucket: what follows is no trend by itself."""

    start: date
    kind: Literal["source", "model"]
    name: str


class Trends(BaseModel):
    """Counts over time. `series` has a number for each bucket, by value, the most frequent value first."""

    query: str
    step: Step
    buckets: tuple[Bucket, ...]
    series: Mapping[str, tuple[int, ...]]
    marks: tuple[Mark, ...]


class Gap(BaseModel):
    """A time in which something of a source may have come and gone unseen."""

    model_config = ConfigDict(serialize_by_alias=True)

    source: str
    from_: str = Field(alias="from")
    to: str
    why: str


class Near(Said):
    """An item that lacks one condition of the query, or a theme by little."""

    item_id: str
    source: str
    title: str
    url: str | None
    day: date
    lacks: str = Field(description="the condition, as the query writes it")
    score: float | None = Field(description="what the item has where the condition asks for a score")


class Tally(BaseModel):
    """How many sources were covered, have gaps, were not watched."""

    asked: int
    covered: int
    gapped: int
    unwatched: int


class Silence(BaseModel):
    """Whether anything matched, and whether everybody was watched who could have said it."""

    query: str
    since: str
    until: str
    matched: int
    covered: tuple[str, ...] = Field(description="sources that were watched throughout")
    gaps: tuple[Gap, ...]
    unwatched: tuple[str, ...] = Field(description="sources that were watched at no time")
    named: Tally = Field(description="the bodies that the mission names, among them")
    near: tuple[Near, ...]


class Late(BaseModel):
    """A counterpart that came after the days."""

    item_id: str
    day: date


class LoneItem(BaseModel):
    """A publication without counterpart among `watched` bodies of the other country."""

    item_id: str
    source: str
    title: str
    url: str | None
    day: date
    language: str
    watched: int = Field(description="bodies of the other country that were watched all that time", ge=1)
    late: Late | None = Field(description="a counterpart that came later and takes the statement back")


class Board(BaseModel):
    """What one country published on a theme. `unproven`: where nobody of the other was watched throughout."""

    theme: str
    country: str = Field(examples=["FR"])
    days: int
    asked: int
    unproven: int
    no_counterpart_found: tuple[LoneItem, ...]
    withdrawn: tuple[LoneItem, ...]


class OneSided(BaseModel):
    """A board for each country."""

    boards: tuple[Board, ...]


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


class BadPart(BaseModel):
    """A parameter that cannot be used, and why."""

    name: str
    detail: str


class Problem(BaseModel):
    """An error as in RFC 9457. `code` is for programs, `position` counts characters of the query from 0."""

    type: str = Field(json_schema_extra={"format": "uri-reference"})
    title: str
    status: int
    code: str = Field(examples=["bad_query"])
    detail: str | None = Field(None, examples=["no field theem:, did you mean theme:?"])
    position: int | None = Field(None, ge=0)
    parameters: tuple[BadPart, ...] | None = None
    reason: Because | None = Field(None, description="of what was taken out for good")
    removed_at: Moment | None = None


def item(found: FoundItem) -> Item:
    return Item.model_validate(found)


def item_in_full(found: FoundItem) -> ItemInFull:
    return ItemInFull.model_validate(found)


def source(health: SourceHealth) -> Source:
    return Source.model_validate(health)
