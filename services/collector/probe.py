"""Looks at an address before it becomes a source: what is there, may we read it, where is a feed if not here?"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.collector.dates import zone_of
from services.collector.discover import FoundFeed, discover
from services.collector.entries import ParsedFeed
from services.collector.parse import parse_fetched
from services.collector.robots import Robots
from shared.errors import BadInput, FetchFailed
from shared.shown_url import without_secrets
from shared.web.client import WebClient


@dataclass(frozen=True, slots=True)
class Probe:
    """What is at an address. `robots` is `allowed`, `forbidden` or `unreadable`; `problem` says why it is none.

    `conditional` tells whether the server gives validators, so that polls can cost a 304.
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
        return replace(seen, problem=str(error), feeds=discover(fetched))
    return _described(seen, feed)


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
    )


def _problem(seen: Probe, *, unlinked: bool) -> str | None:
    if unlinked:
        return "none of its entries has a link: nobody could read on"
    if seen.robots == "forbidden":
        return "robots.txt forbids it; a reason in `robots_override` allows it"
    return None
