"""Looks at one address: what is there, may we read it, how, does a 304 come? `routes` looks further."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.collector.dates import zone_of
from services.collector.detect import detect_listing
from services.collector.discover import FoundFeed, discover
from services.collector.entries import ParsedEntry, ParsedFeed
from services.collector.honest import FETCHED, doubt, looks_made
from services.collector.identify import identify as identified
from services.collector.parse import parse_fetched
from services.collector.read import asked_twice
from services.collector.robots import Robots
from services.collector.shape import Shape
from services.collector.sitemap import ROOTS
from services.collector.sitemaps import Sitemaps
from shared.errors import BadInput, FetchFailed, Trouble
from shared.items import LANGUAGES
from shared.shown_url import without_secrets
from shared.sources.catalogue import Kind, SitemapRules, SourceConfig
from shared.text.language import identify
from shared.web.body import GZIP
from shared.web.client import Fetched, WebClient

Show = Callable[[Fetched], Fetched]  # a page as a browser shows it

LISTING: Final = "listing"
SITEMAP: Final = "sitemap"
SHOWN: Final = 12
SAMPLED: Final = 6  # pages of a plain sitemap that are looked at


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry that a source would bring."""

    title: str
    url: str | None
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Probe:
    """What is at an address. `robots` is `allowed`, `forbidden` or `unreadable`; `problem` says why it is none,
    `trouble` of what class that is.

    `validators` tells whether the server gives any, `conditional` whether it answers 304 to who brings them: polls
    then cost nothing. `format` is `listing` for a page whose own entries were found, `sitemap` for a sitemap, of
    which the addresses count that lie `within`; `reasons` say why a page is a listing, `second` are the titles of
    its second best block, `shape` is what there is to accept, `sure` whether the collector takes it unasked.
    `dates` says why its dates do not count.
    `moved_to` is where a permanent redirect leads, `tried` what else was asked for, and what came of it.
    """

    url: str
    ok: bool
    problem: str | None = None
    trouble: Trouble | None = None
    status: int | None = None
    content_type: str = ""
    moved_to: str | None = None
    robots: str = ""
    validators: bool = False
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
    within: str = ""
    dates: str = ""
    shape: Shape | None = None
    sure: bool = True
    tried: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """The kind of source that reads it."""
        return {LISTING: Kind.LISTING, SITEMAP: Kind.SITEMAP}.get(self.format or "", Kind.FEED)

    @property
    def kept_out(self) -> bool:
        """Whether robots.txt stands against it, for what it says or because nobody can read it."""
        return self.robots == "forbidden" or (self.format is not None and self.trouble is Trouble.CONNECT)


@dataclass(frozen=True, slots=True)
class Look:
    """What was asked for: an answer, if any, and what it is."""

    probe: Probe
    fetched: Fetched | None = None


def probe(web: WebClient, robots: Robots, url: str, country: str = "") -> Probe:
    """Fetch `url` and say what it is. Never raises for what is there, or not."""
    return asked_again(web, look(web, robots, url, country))


def rendered(web: WebClient, robots: Robots, show: Show, url: str, country: str = "") -> Look:
    """What a page lists once `show` has let its scripts run. Never raises for what is there, or not."""
    seen = Probe(without_secrets(url), ok=False)
    try:
        verdict = robots.verdict(url)
        said = "allowed" if verdict.allowed else "forbidden" if verdict.reachable else "unreadable"
        seen = replace(seen, robots=said)
        if not verdict.allowed:
            return Look(replace(seen, problem=f"robots.txt: {said}", trouble=Trouble.FORBIDDEN))
        fetched = show(web.get(url))
    except FetchFailed as error:
        return Look(replace(seen, problem=str(error), trouble=error.trouble, status=error.status))
    seen = replace(seen, status=fetched.status, content_type=fetched.content_type)
    return Look(_as_listing(seen, fetched, country), fetched)


def look(
    web: WebClient, robots: Robots, url: str, country: str = "", languages: Sequence[str] = (), within: str = ""
) -> Look:
    """`probe` before the second request, with the answer."""
    shown = without_secrets(url)
    try:
        verdict = robots.verdict(url)
        said = "allowed" if verdict.allowed else "forbidden" if verdict.reachable else "unreadable"
        fetched = web.get(url)
    except FetchFailed as error:
        return Look(Probe(shown, ok=False, problem=str(error), trouble=error.trouble, status=error.status))
    seen = Probe(
        shown,
        ok=False,
        status=fetched.status,
        content_type=fetched.content_type,
        moved_to=fetched.moved_to and without_secrets(fetched.moved_to),
        robots=said,
        validators=bool(fetched.etag or fetched.last_modified),
    )
    try:
        feed = parse_fetched(fetched, zone_of(country), languages)
    except BadInput as error:
        seen = replace(seen, problem=str(error), trouble=Trouble.NOT_A_FEED, feeds=discover(fetched))
        if _is_sitemap(fetched):
            source = SourceConfig("probe", Kind.SITEMAP, url, country=country, languages=tuple(languages))
            source = replace(source, sitemap=SitemapRules(within))
            return Look(_as_sitemap(web, robots, seen, source, fetched), fetched)
        return Look(_as_listing(seen, fetched, country), fetched)
    return Look(replace(described(seen, feed), dates=_doubt(feed, fetched) or ""), fetched)


def _doubt(feed: ParsedFeed, fetched: Fetched) -> str | None:
    """Why its dates do not count, as far as one document tells."""
    return doubt(identified(feed.entries, "probe", ()), (), feed.built, fetched.at, None) if fetched.at else None


def asked_again(web: WebClient, looked: Look) -> Probe:
    """What only a second request tells: whether the server answers 304 to who brings its validators, and whether
    dates are those of the request.
    """
    found, fetched = looked.probe, looked.fetched
    if fetched is None or not found.ok:
        return found
    if _may_be_made(looked) and asked_twice(web, fetched.url, parse_fetched(fetched), zone_of("")):
        found = replace(found, dates=FETCHED)
    if not found.validators:
        return found
    try:
        again = web.get(fetched.url, etag=fetched.etag, last_modified=fetched.last_modified)
    except FetchFailed:
        return found
    return replace(found, conditional=again.not_modified)


def _may_be_made(looked: Look) -> bool:
    """Whether all shown entries are dated about now."""
    at = looked.fetched.at if looked.fetched else None
    if at is None or looked.probe.kind is not Kind.FEED:
        return False
    return looks_made([entry.published for entry in looked.probe.shown], at)


def _is_sitemap(fetched: Fetched) -> bool:
    return fetched.body.startswith(GZIP) or any(f"<{root}".encode() in fetched.body[:5000] for root in ROOTS)


def _as_sitemap(web: WebClient, robots: Robots, seen: Probe, source: SourceConfig, fetched: Fetched) -> Probe:
    try:
        feed = Sitemaps(web, robots, most_pages=SAMPLED).read(source, fetched, lambda _: frozenset(), first=True)
    except BadInput as error:
        trouble = error.trouble if isinstance(error, FetchFailed) else seen.trouble
        return replace(seen, problem=str(error), trouble=trouble)
    within = source.sitemap.within if source.sitemap else ""
    return replace(described(seen, feed), within=within)


def _as_listing(seen: Probe, fetched: Fetched, country: str) -> Probe:
    """What the page lists, where it is a listing."""
    try:
        found = detect_listing(fetched, zone_of(country))
    except BadInput as error:
        return replace(seen, problem=f"{seen.problem}; and {error}" if seen.problem else str(error))
    shown = described(seen, found.feed)
    judged = replace(shown, reasons=found.judgement.reasons, second=found.second[:SHOWN])
    return replace(judged, shape=found.shape, sure=found.judgement.strong)


def described(seen: Probe, feed: ParsedFeed) -> Probe:
    """What was seen, with what its entries tell."""
    links = sum(entry.url is not None for entry in feed.entries)
    dates = [moment for entry in feed.entries if (moment := entry.published or entry.updated)]
    unlinked = bool(feed.entries) and not links
    seen = replace(seen, format=feed.format)
    problem, trouble = _stands_against(seen, unlinked=unlinked)
    return replace(
        seen,
        ok=trouble is None,
        problem=problem,
        trouble=trouble,
        title=feed.title,
        site=feed.site,
        language=feed.language or _written_in(feed.entries),
        entries=len(feed.entries),
        with_link=links,
        with_date=len(dates),
        newest=max(dates, default=None),
        shown=tuple(Shown(entry.title, entry.url, entry.published) for entry in feed.entries[:SHOWN]),
    )


def _written_in(entries: Sequence[ParsedEntry]) -> str | None:
    """The language that most entries declare, else the one that the titles are written in."""
    declared = [entry.language for entry in entries if entry.language]
    if declared:
        return max(declared, key=declared.count)
    titles = "\n".join(entry.title for entry in entries[:20])
    found = identify(titles, declared=None) if titles.strip() else None
    return found if found in LANGUAGES else None


def _stands_against(seen: Probe, *, unlinked: bool) -> tuple[str | None, Trouble | None]:
    """Why a document that can be read is no source all the same. Feeds wait for no robots.txt."""
    if unlinked:
        return "none of its entries has a link: nobody could read on", Trouble.NOT_A_FEED
    if seen.robots == "forbidden":
        return "robots.txt forbids it; a reason in `robots_override` allows it", Trouble.FORBIDDEN
    if seen.robots == "unreadable" and seen.kind is not Kind.FEED:
        return "its robots.txt cannot be read; pages wait for it", Trouble.CONNECT
    return None, None
