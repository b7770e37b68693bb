"""Finds the way to read an address: the feed there, one that the page names, its software's, sitemap, listing.

In this order, the cheapest and surest first. A news sitemap comes before the page's own entries; a plain sitemap,
which costs a request for each new page, after them. Nothing but the address that was asked for is fetched where
robots.txt forbids it, and all of it is bounded.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from services.collector.discover import FoundFeed, guessed
from services.collector.probe import LISTING, SITEMAP, Look, Probe, asked_again, look
from services.collector.robots import Robots
from shared.shown_url import without_secrets
from shared.sources.catalogue import SourceConfig
from shared.web.client import WebClient

MOST_REQUESTS: Final = 24  # documents that are asked for in search of a route
WITHIN: Final = 120.0  # seconds after which no further one is asked for
MOST_NAMED: Final = 5  # of the feeds that a page names
PLACES: Final = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
)
MOST_SITEMAPS: Final = 4
FEWEST: Final = 3  # entries of a plain sitemap, or all of a small one, that must be publications
_COMMENTS: Final = re.compile(r"comment|kommentar", re.IGNORECASE)
_NEWS: Final = re.compile(r"news|press|aktuell|actualit", re.IGNORECASE)


@dataclass(slots=True)
class _Search:
    """A search on its way: what it may still ask for, and what was asked for, with what came of it."""

    web: WebClient
    robots: Robots
    country: str
    languages: Sequence[str]
    start: str
    left: int = MOST_REQUESTS
    until: float = field(default_factory=lambda: time.monotonic() + WITHIN)
    tried: dict[str, str] = field(default_factory=dict)

    def look(self, url: str, within: str = "") -> Look | None:
        """What is at an address; None where it was asked for already, is forbidden, or enough was asked."""
        if self.left <= 0 or time.monotonic() > self.until or url in self.tried or url == self.start:
            return None
        verdict = self.robots.verdict(url)
        if not verdict.allowed:
            self.tried[url] = "robots.txt forbids it" if verdict.reachable else "its robots.txt cannot be read"
            return None
        self.left -= 1
        found = look(self.web, self.robots, url, self.country, self.languages, within)
        self.tried[url] = found.probe.problem or f"{found.probe.format}, {found.probe.entries} entries"
        return found


def best(web: WebClient, robots: Robots, url: str, country: str = "", languages: Sequence[str] = ()) -> Probe:
    """The way to read what is at `url`. Never raises for what is there, or not."""
    return best_from(web, robots, look(web, robots, url, country, languages), url, country, languages)


def homes(source: SourceConfig) -> Sequence[str]:
    """Where a way may be named besides the source's own address: the body's home page, its host's front page."""
    others = (source.homepage, urljoin(source.url, "/"))
    return [home for home in dict.fromkeys(others) if home not in ("", source.url)]


def best_from(
    web: WebClient, robots: Robots, here: Look, url: str, country: str = "", languages: Sequence[str] = ()
) -> Probe:
    """`best` for who has looked at `url` already."""
    if here.fetched is None or (here.probe.ok and here.probe.format != LISTING):
        return asked_again(web, here)
    search = _Search(web, robots, country, languages, url)
    found = next(_candidates(search, here), here)
    asked = ((without_secrets(address), came) for address, came in search.tried.items())
    tried = tuple(
        f"{address}: {came.removeprefix(f'{address} ')}" for address, came in asked if address != found.probe.url
    )
    return replace(asked_again(web, found), feeds=here.probe.feeds, tried=tried)


def _candidates(search: _Search, here: Look) -> Iterator[Look]:
    """What would do, the better first."""
    assert here.fetched is not None
    yield from _feeds(search, here)
    yield from _news_sitemaps(search, here)
    if here.probe.ok:
        yield here
    yield from _plain_sitemaps(search, here)


def _feeds(search: _Search, here: Look) -> Iterator[Look]:
    """Feeds that the page names, those first that hold what it lists; then those that its software would have.

    What nothing on the page names must hold some of what the page lists: it may be the feed of another section.
    """
    assert here.fetched is not None
    found, pages = _named(search, here.probe.feeds[:MOST_NAMED])
    below, _ = _named(search, [feed for page in pages for feed in page.feeds][:MOST_NAMED])
    yield from sorted((*found, *below), key=lambda each: -_shared(here.probe, each.probe))
    for feed in guessed(here.fetched):
        guess = _feed(search, feed)
        if guess and _is_feed(guess.probe) and (not here.probe.ok or _shared(here.probe, guess.probe)):
            yield guess


def _named(search: _Search, feeds: Sequence[FoundFeed]) -> tuple[list[Look], list[Probe]]:
    """Which of these are feeds, and which are pages about them, which name others."""
    found: list[Look] = []
    pages: list[Probe] = []
    for feed in feeds:
        looked = _feed(search, feed)
        if looked is not None and _is_feed(looked.probe):
            found.append(looked)
        elif looked is not None and not feed.declared:
            pages.append(looked.probe)
    return found, pages


def _shared(page: Probe, feed: Probe) -> int:
    """How many of the first entries of a page and a feed are the same, by address or title."""
    urls = {entry.url for entry in page.shown} & {entry.url for entry in feed.shown}
    titles = {entry.title.casefold() for entry in page.shown} & {entry.title.casefold() for entry in feed.shown}
    return max(len(urls), len(titles))


def _feed(search: _Search, feed: FoundFeed) -> Look | None:
    return None if _COMMENTS.search(f"{feed.url} {feed.title}") else search.look(feed.url)


def _is_feed(found: Probe) -> bool:
    """Whether it is a feed with entries, and not that of comments, which software gives to every page."""
    is_feed = found.ok and found.format not in (None, LISTING, SITEMAP)
    return is_feed and found.entries > 0 and not _COMMENTS.search(found.title)


def _sitemaps(search: _Search, url: str) -> list[str]:
    """Where the site's sitemaps are: what robots.txt names, those of news first, then the common places."""
    named = sorted(search.robots.sitemaps(url), key=lambda each: not _NEWS.search(each))
    places = [urljoin(url, place) for place in PLACES]
    return list(dict.fromkeys((*named[:MOST_SITEMAPS], *places)))


def _news_sitemaps(search: _Search, here: Look) -> Iterator[Look]:
    assert here.fetched is not None
    for url in _sitemaps(search, here.fetched.url):
        if _NEWS.search(url.rpartition("/")[2]):
            found = search.look(url)
            if found and found.probe.ok and found.probe.format not in (None, LISTING) and found.probe.entries:
                yield found


def _plain_sitemaps(search: _Search, here: Look) -> Iterator[Look]:
    assert here.fetched is not None
    within = folder(here.fetched.url)
    for url in _sitemaps(search, here.fetched.url):
        found = search.look(url, within)
        if found and found.probe.ok and found.probe.format == SITEMAP and found.probe.entries >= FEWEST:
            yield found


def folder(url: str) -> str:
    """What the addresses of a page's entries begin with: `/presse/mitteilungen.html` -> `/presse/mitteilungen/`.

    Empty for the page of the whole site.
    """
    path = re.sub(r"(index|default)?\.\w{2,5}$", "", urlsplit(url).path).strip("/")
    return urljoin(url, f"/{path}/") if path else ""
