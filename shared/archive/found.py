"""Pure. What a reader of the archive gets: items found, one item with its history, pages of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shared.items import Announced, Reason, Spike

NEAR: Final = 0.25  # the score from which on a theme that was not given is worth a word


@dataclass(frozen=True, slots=True)
class Sighting:
    """A source that the item was seen at. `first_at` is database time."""

    source: str
    url: str | None
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """A wording that the item had or has. `seen_at` is when it arrived here, `fetched_at` when we last read it."""

    revision: int
    title: str
    fetched_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as search results show it. `source` owns the content; `sources` are all, the owner first.

    `published_on` is the publisher's day where only a day was written, `day` the day that the item counts for.
    `story` is the root of the story, aliases followed. `revised_at` is when the current revision arrived here.
    `text`, `text_from`, `text_missing` (see `CollectedItem`), `reasons`, `announced`, `revisions` and `sightings`
    are filled for a single item only, and empty in lists.
    """

    item_id: str
    revision: int
    source: str
    title: str
    url: str | None
    published: datetime | None
    published_on: date | None
    day: date
    first_seen: datetime
    language: str
    themes: tuple[str, ...]
    scores: Mapping[str, float]
    sovereignty: float
    franco_german: bool
    organisations: tuple[str, ...]
    summary: str
    story: str
    model: str
    sources: tuple[str, ...]
    source_name: str
    authors: tuple[str, ...]
    revised_at: datetime
    text: str = ""
    text_from: str = ""
    text_missing: str = ""
    reasons: tuple[Reason, ...] = ()
    announced: tuple[Announced, ...] = ()
    spikes: tuple[Spike, ...] = ()
    revisions: tuple[Revision, ...] = ()
    sightings: tuple[Sighting, ...] = ()


def near_misses(item: FoundItem) -> tuple[tuple[str, float], ...]:
    """Themes that the item was not given though something spoke for them, with their scores, the nearest first."""
    near = [(theme, score) for theme, score in item.scores.items() if theme not in item.themes and score >= NEAR]
    return tuple(sorted(near, key=lambda miss: -miss[1]))


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the items found. `next` opens the following page; `count` is all of them, up to `COUNT_CAP` + 1.

    `told` are the stories of these items that the pages before have, where somebody asked for it.
    """

    items: tuple[FoundItem, ...]
    next: str | None
    count: int
    told: frozenset[str] = frozenset()


KEYS: Final = (  # of a `FoundItem`: what its record in every export says, in this order
    "item_id",
    "revision",
    "source",
    "title",
    "url",
    "published",
    "published_on",
    "first_seen",
    "language",
    "themes",
    "scores",
    "sovereignty",
    "franco_german",
    "organisations",
    "summary",
    "story",
    "model",
)
