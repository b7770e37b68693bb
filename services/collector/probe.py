"""Looks at an address before it becomes a source: what is there, may we read it, how would it be read?

A feed is read as one. A page may name a feed, which is better than the page; else its own entries are looked for.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.collector.dates import zone_of
from services.collector.detect import detect_listing
from services.collector.discover import FoundFeed, discover
from services.collector.entries import ParsedFeed
from services.collector.parse import parse_fetched
from services.collector.robots import Robots
from shared.errors import BadInput, FetchFailed
from shared.shown_url import without_secrets
from shared.web.client import Fetched, WebClient

LISTING: Final = "listing"
_COMMENTS: Final = re.compile(r"comment|kommentar", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry that a source would bring."""

    title: str
    url: str | None
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Probe:
    """What is at an address. `robots` is `allowed`, `forbidden` or `unreadable`; `problem` says why it is none.

    `conditional` tells whether the server gives validators, so that polls can cost a 304. `format` is `listing`
    for a page whose own entries were found; `reasons` say why, `second` are the titles of the second best block.
    """

    url: str
    ok: bool
    problem: str | None = None
    status: int | None = None
    content_type: str = ""
    moved_to: str | None = None
    robots: str = ""
    conditional: bool = False
    format: str | None = None
    title: str = ""
    site: str | None = None
    language: str | None = None
    entries: int = 0
    with_link: int = 0
    with_date: int = 0
    newest: datetime | None = None
    feeds: tuple[FoundFeed, ...] = ()
    shown: tuple[Shown, ...] = ()
    reasons: tuple[str, ...] = ()
    second: tuple[str, ...] = ()


MOST_FEEDS: Final = 5  # of those that a page names, that are asked for
SHOWN: Final = 12


def best(web: WebClient, robots: Robots, url: str, country: str = "") -> Probe:
    """The way to read what is at `url`: itself, the feed that the page names, or the page's own entries."""
    here = probe(web, robots, url, country)
    if here.ok and here.format != LISTING:
        return here
    for feed in here.feeds[:MOST_FEEDS]:
        if _COMMENTS.search(f"{feed.url} {feed.title}"):
            continue
        found = probe(web, robots, feed.url, country)
        if found.ok and found.format != LISTING and found.entries:
            return found
    return here


def probe(web: WebClient, robots: Robots, url: str, country: str = "") -> Probe:
    """Fetch `url` and say what it is. Never raises for what is there, or not."""
    shown = without_secrets(url)
    try:
        verdict = robots.verdict(url)
        said = "allowed" if verdict.allowed else "forbidden" if verdict.reachable else "unreadable"
        fetched = web.get(url)
    except FetchFailed as error:
        return Probe(shown, ok=False, problem=str(error), status=error.status)
    seen = Probe(
        shown,
        ok=False,
        status=fetched.status,
        content_type=fetched.content_type,
        moved_to=fetched.moved_to and without_secrets(fetched.moved_to),
        robots=said,
        conditional=bool(fetched.etag or fetched.last_modified),
    )
    try:
        feed = parse_fetched(fetched, zone_of(country))
    except BadInput as error:
        return _as_listing(replace(seen, problem=str(error), feeds=discover(fetched)), fetched, country)
    return _described(seen, feed)


def _as_listing(seen: Probe, fetched: Fetched, country: str) -> Probe:
    """What the page lists, where it is a listing."""
    try:
        found = detect_listing(fetched, zone_of(country))
    except BadInput as error:
        return replace(seen, problem=f"{seen.problem}; and {error}")
    described = _described(seen, found.feed)
    return replace(described, reasons=found.judgement.reasons, second=found.second[:SHOWN])


def _described(seen: Probe, feed: ParsedFeed) -> Probe:
    links = sum(entry.url is not None for entry in feed.entries)
    dates = [moment for entry in feed.entries if (moment := entry.published or entry.updated)]
    unlinked = bool(feed.entries) and not links
    return replace(
        seen,
        ok=not unlinked and seen.robots != "forbidden",
        problem=_problem(seen, unlinked=unlinked),
        format=feed.format,
        title=feed.title,
        site=feed.site,
        language=feed.language,
        entries=len(feed.entries),
        with_link=links,
        with_date=len(dates),
        newest=max(dates, default=None),
        shown=tuple(Shown(entry.title, entry.url, entry.published) for entry in feed.entries[:SHOWN]),
    )


def _problem(seen: Probe, *, unlinked: bool) -> str | None:
    if unlinked:
        return "none of its entries has a link: nobody could read on"
    if seen.robots == "forbidden":
        return "robots.txt forbids it; a reason in `robots_override` allows it"
    return None
