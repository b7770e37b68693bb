"""Pure. Finds the feeds that a page names: `<link rel=alternate>`, then links whose address or words say feed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree, html

from services.collector.blocks.tree import base_of
from services.collector.encoding import decode
from services.collector.entries import link, one_line
from shared.web.client import Fetched

MOST: Final = 20
_TYPES: Final = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
)
_SAYS_FEED: Final = re.compile(r"(?<![a-z])(rss|atom|feeds?|rdf)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """An address that may be a feed, and what the page calls it. `declared` ones stand in the page's head."""

    url: str
    title: str
    declared: bool


def discover(fetched: Fetched) -> tuple[FoundFeed, ...]:
    """The feeds that a page names, the declared ones first; empty for what is no page."""
    try:
        text = decode(fetched.body, fetched.content_type)
        page = html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return ()
    found: dict[str, FoundFeed] = {}
    base = base_of(page, fetched.url)
    for feed in (*_declared(page, base), *_linked(page, base)):
        found.setdefault(feed.url, feed)
    return tuple(found.values())[:MOST]


def _declared(page: html.HtmlElement, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("link"):
        kind = element.get("type", "").partition(";")[0].strip().lower()
        url = link(element.get("href"), base)
        if url and kind in _TYPES and "alternate" in element.get("rel", "").lower().split():
            yield FoundFeed(url, one_line(element.get("title", "")), declared=True)


def _linked(page: html.HtmlElement, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("a"):
        url, words = link(element.get("href"), base), one_line(element.text_content())
        if url and (_SAYS_FEED.search(words) or _SAYS_FEED.search(url.partition("://")[2].partition("/")[2])):
            yield FoundFeed(url, words, declared=False)
