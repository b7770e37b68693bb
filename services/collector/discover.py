"""Pure. Finds the feeds of a page: those it declares, links that say feed, those that its software would have."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lxml import etree, html

from services.collector.blocks.tree import base_of
from services.collector.bounds import check_page
from services.collector.cms import likely_feeds
from services.collector.encoding import decode
from services.collector.entries import link, one_line
from shared.errors import NotAFeed
from shared.web.client import Fetched

MOST: Final = 20
_TYPES: Final = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
)
_SAYS_FEED: Final = re.compile(r"(?<![a-z])(rss|atom|feeds?|rdf|newsfeed|rssfeed)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """An address that may be a feed, and what the page calls it. `declared` ones stand in the page's head.

    A `guess` is what the page's software would have; nothing on the page names it.
    """

    url: str
    title: str
    declared: bool
    guess: bool = False


def discover(fetched: Fetched) -> tuple[FoundFeed, ...]:
    """The feeds that a page names, the declared ones first; empty for what is no page."""
    page = _page(fetched)
    if page is None:
        return ()
    base = base_of(page, fetched.url)
    return _once((*_declared(page, base), *_linked(page, base)))


def guessed(fetched: Fetched) -> tuple[FoundFeed, ...]:
    """The feeds that the page's software would have and the page does not name."""
    page = _page(fetched)
    if page is None:
        return ()
    text = decode(fetched.body, fetched.content_type)
    return _once(FoundFeed(url, "", declared=False, guess=True) for url in likely_feeds(page, text, fetched.url))


def _page(fetched: Fetched) -> html.HtmlElement | None:
    try:
        text = decode(fetched.body, fetched.content_type)
        check_page(text)
        return html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, NotAFeed):
        return None


def _once(feeds: Iterable[FoundFeed]) -> tuple[FoundFeed, ...]:
    found: dict[str, FoundFeed] = {}
    for feed in feeds:
        found.setdefault(feed.url, feed)
    return tuple(found.values())[:MOST]


def _declared(page: html.HtmlElement, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("link"):
        kind = element.get("type", "").partition(";")[0].strip().lower()
        url = link(element.get("href"), base)
        if url and kind in _TYPES and "alternate" in element.get("rel", "").lower().split():
            yield FoundFeed(url, one_line(element.get("title", "")), declared=True)


def _linked(page: html.HtmlElement, base: str) -> Sequence[FoundFeed]:
    """Links that say feed, those of the same site first."""
    found = list(_saying_feed(page, base))
    return sorted(found, key=lambda feed: urlsplit(feed.url).netloc != urlsplit(base).netloc)


def _saying_feed(page: html.HtmlElement, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("a"):
        url, words = link(element.get("href"), base), one_line(element.text_content()) or _called(element)
        if url and (_SAYS_FEED.search(words) or _SAYS_FEED.search(url.partition("://")[2].partition("/")[2])):
            yield FoundFeed(url, words, declared=False)


def _called(element: html.HtmlElement) -> str:
    """What a link without words is called: an icon."""
    names = (element.get("title"), element.get("aria-label"), *(img.get("alt") for img in element.iter("img")))
    return one_line(next((name for name in names if name), ""))
