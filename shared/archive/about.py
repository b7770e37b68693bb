"""Pure. What an export or a feed says of itself: what was asked, when, of whom, and what of it is a machine's."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.archive.found import FoundItem
from shared.clock import rfc3339
from shared.locales import colon

RIGHTS: Final = (
    "Titles, summaries and texts are their publishers'; their terms hold. "
    "Tags and scores were assigned by a machine, the model that is named."
)


@dataclass(frozen=True, slots=True)
class About:
    """What the items were found by.

    `updated` is when one of them last changed, `at` when they were asked for; `portal` has no trailing slash,
    `language` is the reader's: links lead to pages in it. `told` is the query in the reader's words, `name` what
    the feed is known by for ever; where they are empty, both are the query. `hub` tells who wants it of news.
    """

    query: str
    updated: datetime
    portal: str
    title: str = "Vigie"
    self_url: str = ""
    language: str = "en"
    at: datetime | None = None
    told: str = ""
    name: str = ""
    hub: str = ""

    @property
    def full_title(self) -> str:
        said = self.told or self.query
        return f"{self.title}{colon(self.language)}{said}" if said else self.title

    def page_of(self, item: FoundItem) -> str:
        """The item's page here."""
        return f"{self.portal}/{self.language}/items/{item.item_id}"


@dataclass(frozen=True, slots=True)
class Colophon:
    """What stands under an export, or beside it: `count` items, tagged by `models`."""

    about: About
    count: int
    models: Sequence[str]

    def facts(self) -> dict[str, Any]:
        """Under the keys of the sidecar; times are RFC 3339 in UTC."""
        return {
            "query": self.about.query,
            "exported_at": rfc3339(self.about.at or self.about.updated),
            "count": self.count,
            "last_change": rfc3339(self.about.updated),
            "models": list(self.models),
            "portal": self.about.portal,
            "rights": RIGHTS,
        }

    def document(self) -> str:
        """The sidecar."""
        return json.dumps(self.facts(), ensure_ascii=False, indent=2) + "\n"


@dataclass(slots=True)
class Tally:
    """Counts items as they pass."""

    count: int = 0
    models: dict[str, None] = field(default_factory=dict)

    def of(self, items: Iterable[FoundItem]) -> Iterator[FoundItem]:
        for item in items:
            self.count += 1
            self.models[item.model] = None
            yield item

    def colophon(self, about: About) -> Colophon:
        return Colophon(about, self.count, sorted(self.models))
