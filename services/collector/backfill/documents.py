"""Fetches and reads what a look back leads through: listing pages, feeds, sitemaps and the pages that these list.

What a document is, it says itself; what it leads to comes next. robots.txt is asked for each.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.collector.backfill.paging import Onward, next_of_feed, next_of_page
from services.collector.browser import Browser, needs_browser
from services.collector.dates import Dated, zone_of
from services.collector.detect import detect_listing, read_listing
from services.collector.encoding import decode
from services.collector.entries import ParsedFeed
from services.collector.listing import parse_listing
from services.collector.mend import mend
from services.collector.page import page_entry
from services.collector.parse import parse_fetched
from services.collector.robots import Robots
from services.collector.shape import Shape
from services.collector.sitemap import ROOTS, Listed, parse_sitemap
from shared.clock import rfc3339
from shared.errors import FetchFailed, NotAFeed, Trouble
from shared.sources.catalogue import SourceConfig
from shared.web.body import unpacked
from shared.web.client import MAX_BYTES, Fetched, WebClient

MOST_LISTED: Final = 5000  # addresses of one sitemap, the newest


@dataclass(frozen=True, slots=True)
class Place:
    """Something to be read: a document of `number` in its paging, or (`article`) the page of one publication.

    `changed` is when a sitemap says that it changed.
    """

    url: str
    number: int = 1
    article: bool = False
    changed: datetime | None = None

    def stored(self) -> list[Any]:
        """As JSON keeps it."""
        return [self.url, self.number, self.article, rfc3339(self.changed)]


def restored(values: list[Any]) -> Place:
    """The place that `stored` gave."""
    url, number, article, changed = values
    return Place(url, number, article, datetime.fromisoformat(changed) if changed else None)


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at a place, and what it leads to. `chain`: it is one of a chain that goes back in time."""

    url: str
    feed: ParsedFeed
    more: tuple[Place, ...] = ()
    chain: bool = False


class Documents:
    """Reads the places of one source."""

    def __init__(
        self,
        web: WebClient,
        robots: Robots,
        source: SourceConfig,
        shape: Shape | None,
        browser: Browser | None = None,
    ) -> None:
        self._web, self._robots, self._source, self._shape = web, robots, source, shape
        self._browser = browser
        self._zone = zone_of(source.country)

    def read(self, place: Place, since: datetime) -> Document:
        """The document at `place`; a sitemap leads only to what may be from after `since`. Raises BadInput."""
        verdict = self._robots.verdict(place.url)
        if not verdict.allowed and not self._source.robots_override:
            why = f"forbids {place.url}" if verdict.reachable else f"of {place.url} cannot be read"
            raise FetchFailed(f"robots.txt {why}", Trouble.FORBIDDEN if verdict.reachable else Trouble.CONNECT)
        fetched = self._web.get(place.url)
        if self._source.browser and not place.article:
            if self._browser is None:
                raise needs_browser(place.url)
            fetched = self._browser.rendered(fetched)
        if place.article:
            return self._article(fetched, place)
        root = _root(fetched)
        if root in ROOTS:
            return self._sitemap(fetched, since)
        if root == "html":
            return _chained(fetched, self._listing(fetched), next_of_page(fetched, place.number))
        feed = parse_fetched(fetched, self._zone, self._source.languages)
        return _chained(fetched, feed, next_of_feed(fetched, place.number))

    def _article(self, fetched: Fetched, place: Place) -> Document:
        changed = Dated(place.changed) if place.changed else None
        entry = page_entry(fetched, place.url, changed, self._zone)
        return Document(fetched.url, ParsedFeed("sitemap", (entry,) if entry else ()))

    def _sitemap(self, fetched: Fetched, since: datetime) -> Document:
        within = self._source.sitemap.within if self._source.sitemap else ""
        found = parse_sitemap(fetched, self._zone, self._source.languages, within, MOST_LISTED)
        places = (
            *(Place(each.url) for each in found.sitemaps if _may_be_since(each, since)),
            *(
                Place(each.url, article=True, changed=each.changed.moment if each.changed else None)
                for each in found.pages
                if _may_be_since(each, since)
            ),
        )
        return Document(fetched.url, ParsedFeed("sitemap", found.entries), places)

    def _listing(self, fetched: Fetched) -> ParsedFeed:
        if self._source.listing is not None:
            return parse_listing(fetched, self._source.listing, self._zone)
        if self._shape is not None:
            return read_listing(fetched, self._shape, self._zone).feed
        found = detect_listing(fetched, self._zone)
        self._shape = found.shape
        return found.feed


def _chained(fetched: Fetched, feed: ParsedFeed, onward: Onward | None) -> Document:
    more = (Place(onward.url, onward.number),) if onward else ()
    return Document(fetched.url, feed, more, chain=True)


def _may_be_since(listed: Listed, since: datetime) -> bool:
    """A page is never older than its last change."""
    return listed.changed is None or listed.changed.moment.astimezone(UTC) >= since


def _root(fetched: Fetched) -> str:
    """`html`, or the name of the root of what may be a feed or a sitemap; empty for JSON."""
    text = decode(unpacked(fetched.body, MAX_BYTES, fetched.url), fetched.content_type)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return ""
    try:
        return mend(text, text.count("<")).root
    except NotAFeed:
        return "html"
