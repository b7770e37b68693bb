"""Pure. The words of the pipeline as types: what was published, what the classifier says of it, what is archived.

Every model is frozen and is the `data` of an event (see `shared.events`), so readers ignore unknown fields.
"""

from base64 import b64decode
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

LANGUAGES: Final = ("de", "fr", "en")
OTHER: Final = "other"
CALENDAR: Final = ZoneInfo("Europe/Berlin")  # whose days count where no setting names another zone

MEANING_WIDTH: Final = 512  # numbers of a vector that says what a text is about
Score = Annotated[float, Field(ge=0.0, le=1.0)]


class Purpose(StrEnum):
    """Why an event travels. Only `LIVE` may cause mail."""

    LIVE = "live"
    BACKFILL = "backfill"
    RECLASSIFY = "reclassify"


class Model(BaseModel):
    """Frozen; unknown fields are ignored, so that old readers understand new writers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CollectedItem(Model):
    """A publication as the collector read it: one state of its content, not yet numbered.

    `text` is plain text without markup, at most 200 kB of UTF-8 (`truncated` says when it was longer).
    `content_hash` identifies the words (title, summary, text); `fetched_at` orders the states of an item.
    `published_on` is the publisher's day where only a day was written; `published` is then no moment to trust.
    `languages` are those the source publishes in; `declared_language` is what the entry or feed says of itself.
    `text_from` is `page` or `pdf` where the text is not the source's own; `text_missing` says why a page that was
    looked for gave none.
    """

    item_id: str
    source: str
    source_name: str = ""
    organisation: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    declared_language: str | None = None
    guid: str | None = None
    url: str | None = None
    title: str
    summary: str = ""
    text: str = ""
    truncated: bool = False
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    published_on: date | None = None
    published_raw: str | None = None
    updated: AwareDatetime | None = None
    fetched_at: AwareDatetime
    content_hash: str
    released_at: AwareDatetime | None = None
    text_from: str = ""
    text_missing: str = ""

    def body(self) -> str:
        """What is read besides the title."""
        return body_of(self.summary, self.text)


class Reason(Model):
    """A passage of the item's own words that speaks for a label.

    `label` is a theme id, `sovereignty` or `franco_german`; `passage` stands word for word in title, summary or
    text; `weight` is the share of the label's score that it carries, 0..1.
    """

    label: str
    passage: str
    weight: float


class Announcement(StrEnum):
    """What may be announced: a call that one can answer, an event that one can attend."""

    CALL = "call"
    EVENT = "event"


class Announced(Model):
    """A call with its deadline, where one is told, or an event with its first day; the passage is the item's."""

    kind: Announcement
    day: date | None = None
    passage: str


class Verdict(Model):
    """What one model version says of one content: scores 0..1 per theme, themes above the threshold, and why.

    `announced` holds at most one call and one event.
    """

    language: str
    scores: Mapping[str, Score]
    themes: tuple[str, ...]
    sovereignty: Score
    franco_german: bool
    organisations: tuple[str, ...]
    reasons: tuple[Reason, ...]
    model: str
    announced: tuple[Announced, ...] = ()


class Spike(Model):
    """A theme, an organisation or a word of a title far above its own rhythm when this item came.

    `found` items in the last seven days, where `usual` are.
    """

    kind: Literal["theme", "org", "word"]
    value: str
    found: int
    usual: float


def _is_vector(written: str) -> str:
    if len(b64decode(written, validate=True)) != MEANING_WIDTH:
        raise ValueError(f"a vector has {MEANING_WIDTH} bytes")
    return written


Vector = Annotated[str, AfterValidator(_is_vector)]


class Meaning(Model):
    """What an item says, as vectors that compare across languages: of its title, and the mean of its sentences.

    512 signed bytes each, in base64; `text` is empty for an item without words besides its title. Those of another
    `version` do not compare.
    """

    version: str
    title: Vector
    text: Vector | Literal[""] = ""


class ClassifiedItem(Model):
    """A collected item with its verdict, and its meaning where the encoder could be used."""

    item: CollectedItem
    verdict: Verdict
    classified_at: AwareDatetime
    meaning: Meaning | None = None


class ArchivedItem(Model):
    """The archive's current state of an item, published for every live event consumed.

    `sources` are all sources the item was seen at, the owner of its content first. `story` is the id of the
    story's first item. `first_seen` is database time, `day` what it counts for (`day_of`).
    `entered_in_bulk` is true when the item came into the archive on the bulk lane; such an item mails nobody
    unless an operator released it (`released_at`).
    """

    item_id: str
    revision: int
    story: str
    sources: tuple[str, ...]
    organisation: str = ""
    country: str = ""
    url: str | None
    title: str
    summary: str
    text: str
    published: AwareDatetime | None
    day: date | None = None
    first_seen: AwareDatetime
    released_at: AwareDatetime | None = None
    entered_in_bulk: bool = False
    spikes: tuple[Spike, ...] = ()
    verdict: Verdict

    def body(self) -> str:
        """What is read besides the title: the same as of the collected item."""
        return body_of(self.summary, self.text)


def day_of(published_on: date | None, moment: datetime, zone: tzinfo) -> date:
    """The day that a publication counts for: the publisher's, else that of its moment in `zone`."""
    return published_on or moment.astimezone(zone).date()


def latest(first: datetime, second: datetime | None) -> datetime:
    """The later of a moment and a moment that may be missing."""
    return first if second is None or second < first else second


def body_of(summary: str, text: str) -> str:
    """Summary and text, the summary left out where the text begins with it anyway."""
    if text.startswith(summary):
        return text
    return f"{summary}\n{text}" if text else summary
