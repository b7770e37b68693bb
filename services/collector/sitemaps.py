"""Reads a source of kind `sitemap`: follows an index to its sitemaps, and a plain sitemap to the pages it lists.

A news sitemap says all there is to say. Of a plain one each new page is fetched once, paced and as robots.txt
allows, and says its title and date itself; what is no publication is remembered too. At the first visit the newest
pages are read, and all others are taken for old. Bounded in levels, documents, pages and time: what is left of a
later visit is read at the next.
"""

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.collector.dates import zone_of
from services.collector.entries import ParsedEntry, ParsedFeed
from services.collector.page import page_entry
from services.collector.robots import Robots
from services.collector.sitemap import MOST, Listed, Sitemap, newest, parse_sitemap
from shared.errors import BadInput, FetchFailed, NotAFeed, Trouble
from shared.identity import item_id_for_url
from shared.sources.catalogue import SourceConfig
from shared.web.client import Fetched, WebClient

SLACK: Final = timedelta(days=2)  # by how much what a sitemap says of its changes may be wrong
LEVELS: Final = 3  # of indexes below the first document
MOST_SITEMAPS: Final = 20  # documents of one visit
MOST_PAGES: Final = 30  # pages of one visit
BUDGET: Final = 120.0  # seconds after which no further request is begun
MOST_REFUSALS: Final = 3  # pages in a row, after which we ask for no more
_NEWS: Final = re.compile(
    r"news|press|aktuell|actualit|meldung|communique|artikel|article|post|blog", re.IGNORECASE
)
_REFUSING: Final = frozenset((Trouble.BLOCKED, Trouble.FORBIDDEN))
_PASSING: Final = frozenset(
    (Trouble.CONNECT, Trouble.TIMEOUT, Trouble.BUSY, Trouble.HTTP_5XX, Trouble.DNS, Trouble.TLS)
)

Seen = Callable[[Collection[str]], frozenset[str]]  # of these item ids, those whose page was looked at


@dataclass(slots=True)
class _Visit:
    """One reading: what it may still do, and what it has found."""

    source: SourceConfig
    until: float
    since: datetime | None
    unchanged: int = 0
    documents: int = MOST_SITEMAPS
    entries: list[ParsedEntry] = field(default_factory=list)
    pages: list[Listed] = field(default_factory=list)
    error: BadInput | None = None

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until


@dataclass(slots=True)
class _Looks:
    """What came of looking at pages: publications, ids of what is none, refusals in a row, and how many missed."""

    missed: int = 0
    found: list[ParsedEntry] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    refused: list[FetchFailed] = field(default_factory=list)


class Sitemaps:
    """Follows sitemaps. Thread-safe."""

    def __init__(
        self, web: WebClient, robots: Robots, budget: float = BUDGET, most_pages: int = MOST_PAGES
    ) -> None:
        self._web, self._robots, self._budget, self._most_pages = web, robots, budget, most_pages

    def read(
        self, source: SourceConfig, fetched: Fetched, seen: Seen, *, first: bool, since: datetime | None = None
    ) -> ParsedFeed:
        """The entries that a document leads to; `first` at the first successful visit. Raises BadInput.

        Sitemaps that have not changed `since` are left alone. `known` of the answer counts the pages that were
        read before and those sitemaps, `passed` are ids of pages that are nothing.
        """
        visit = _Visit(source, time.monotonic() + self._budget, since)
        start = self._parsed(source, fetched)
        self._follow(visit, [start], LEVELS)
        if visit.error and not visit.entries and not visit.pages:
            raise visit.error
        failed = str(visit.error) if _is_passing(visit.error) else ""
        pages = newest(visit.pages) if not visit.entries else ()  # a news sitemap says all there is to say
        entries = sorted(visit.entries, key=lambda entry: entry.published.timestamp() if entry.published else 0.0)
        read = tuple(reversed(entries))[:MOST]
        if not pages:
            return ParsedFeed("sitemap", read, known=visit.unchanged, whole=not start.sitemaps, missed=failed)
        ids = {item_id_for_url(page.url): page for page in pages}
        known = seen(ids)
        new = {id_: page for id_, page in ids.items() if id_ not in known}
        looks = self._looked_at(visit, list(new.values()), first=first)
        return ParsedFeed(
            "sitemap",
            tuple(looks.found),
            known=len(known) + visit.unchanged,
            passed=tuple(looks.passed),
            whole=False,
            missed=f"{looks.missed} new pages were not read" if looks.missed else failed,
        )

    def _follow(self, visit: _Visit, level: Sequence[Sitemap], levels: int) -> None:
        """Take in what these sitemaps say, and then what those say that they name, the likeliest first."""
        for sitemap in level:
            visit.entries += sitemap.entries
            visit.pages += sitemap.pages
        named = [each for sitemap in level for each in sitemap.sitemaps]
        wanted = likeliest(named, only=not within(visit.source))
        if levels and (below := list(self._fetched(visit, wanted))):
            self._follow(visit, below, levels - 1)

    def _fetched(self, visit: _Visit, named: Sequence[Listed]) -> Iterator[Sitemap]:
        for each in named:
            if visit.over or visit.documents <= 0:
                return
            if visit.since and each.changed and each.changed.moment < visit.since - SLACK:
                visit.unchanged += 1
                continue
            visit.documents -= 1
            try:
                self._obey(visit.source, each.url)
                yield self._parsed(visit.source, self._web.get(each.url))
            except BadInput as error:
                visit.error = error

    def _parsed(self, source: SourceConfig, fetched: Fetched) -> Sitemap:
        return parse_sitemap(fetched, zone_of(source.country), source.languages, within(source))

    def _looked_at(self, visit: _Visit, new: Sequence[Listed], *, first: bool) -> _Looks:
        """Look at new pages. Raises FetchFailed where all of them are refused to us."""
        looks, asked = _Looks(), 0
        for page in new[: self._most_pages]:
            if visit.over or len(looks.refused) >= MOST_REFUSALS:
                break
            asked += 1
            self._look_at(visit.source, page, looks)
        if looks.refused and not looks.found and not looks.passed:
            raise looks.refused[-1]
        if first:  # what was there before we came is old
            looks.passed += [item_id_for_url(page.url) for page in new[asked:]]
        else:
            looks.missed += len(new) - asked
        return looks

    def _look_at(self, source: SourceConfig, page: Listed, looks: _Looks) -> None:
        try:
            entry = self._page(source, page)
        except FetchFailed as error:
            if error.trouble in _PASSING:
                looks.missed += 1  # it is asked for again at the next visit
                return
            if error.trouble in _REFUSING:
                looks.refused.append(error)
                looks.missed += error.trouble is Trouble.BLOCKED
                return
            entry = None
        looks.refused.clear()
        if entry is None:
            looks.passed.append(item_id_for_url(page.url))
        else:
            looks.found.append(entry)

    def _page(self, source: SourceConfig, page: Listed) -> ParsedEntry | None:
        """The publication at an address, None where it is none. Raises FetchFailed."""
        self._obey(source, page.url)
        try:
            return page_entry(self._web.get(page.url), page.url, page.changed, zone_of(source.country))
        except NotAFeed:
            return None

    def _obey(self, source: SourceConfig, url: str) -> None:
        verdict = self._robots.verdict(url)
        if verdict.allowed or source.robots_override:
            return
        if not verdict.reachable:
            raise FetchFailed(f"robots.txt of {url} cannot be read; pages wait for it", Trouble.CONNECT)
        raise FetchFailed(f"robots.txt forbids {url}, which the sitemap names", Trouble.FORBIDDEN)


def likeliest(named: Sequence[Listed], *, only: bool) -> Sequence[Listed]:
    """Of the sitemaps of an index those first that are called news and changed last; `only` those, if any."""
    found = sorted(newest(named), key=lambda each: not _is_called_news(each))
    return [each for each in found if _is_called_news(each)] or found if only else found


def within(source: SourceConfig) -> str:
    """What the addresses of the source begin with; empty for all."""
    return source.sitemap.within if source.sitemap else ""


def _is_passing(error: BadInput | None) -> bool:
    """Whether there may have been something to read, had it gone well."""
    return isinstance(error, FetchFailed) and (error.trouble in _PASSING or error.trouble is Trouble.BLOCKED)


def _is_called_news(sitemap: Listed) -> bool:
    return bool(_NEWS.search(sitemap.url.rpartition("/")[2]))
