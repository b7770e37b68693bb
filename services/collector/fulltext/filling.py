"""Fetches the pages of new items before their first event, and never holds an item up for longer than a deadline.

What is refused, slow, broken, reserved or speaks of something else leaves the item as the feed has it, and why.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from services.collector.fulltext.plan import (
    DOCUMENT,
    LEAST,
    PAGE,
    below_title,
    wants_page,
    why_not,
    with_text,
    without_text,
)
from services.collector.fulltext.reader import Reader, is_pdf
from services.collector.fulltext.tdmrep import Reservations
from services.collector.robots import Robots
from shared.clock import Clock
from shared.errors import BadInput, FetchFailed, NotAFeed, Trouble
from shared.items import CollectedItem
from shared.web.client import Fetched, WebClient

WITHIN: Final = 30.0  # seconds for all new items of one poll, whose mails wait for it
ONE_PAGE: Final = 10.0  # seconds for the answer of one
LEAST_TIME: Final = 1.0  # seconds under which nothing is begun any more
MOST_BYTES: Final = 8_000_000  # of a page or a PDF
ACCEPT: Final = "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.1"
_TURNED_AWAY: Final = (Trouble.BLOCKED, Trouble.BUSY, Trouble.TIMEOUT, Trouble.CONNECT, Trouble.DNS, Trouble.TLS)

Attached = Mapping[tuple[str | None, str | None], str]  # (guid, url) of an entry -> the PDF that belongs to it


@dataclass
class _Visit:
    """One round of pages: its end by the monotonic clock, and the hosts that are left alone until then."""

    end: float
    seconds: float
    turned_away: dict[str, str] = field(default_factory=dict)

    def left(self) -> float:
        """Seconds. Raises FetchFailed where they are too few to begin anything."""
        left = self.end - time.monotonic()
        if left < LEAST_TIME:
            why = f"its page was not read: the {self.seconds:.0f} s for all pages were up"
            raise FetchFailed(why, Trouble.TIMEOUT)
        return left


class FullText:
    """Gives items the words of their pages. Thread-safe."""

    def __init__(self, web: WebClient, robots: Robots, clock: Clock) -> None:
        self._web, self._robots = web, robots
        self._reserved = Reservations(web, clock)
        self._reader = Reader()

    def fill(
        self, items: Sequence[CollectedItem], attached: Attached | None = None, within: float = WITHIN
    ) -> tuple[CollectedItem, ...]:
        """The items, in their order, each with the text of its page or the reason why not; the last one first."""
        visit = _Visit(time.monotonic() + within, within)
        filled = [self._filled(item, attached or {}, visit) for item in reversed(items)]
        return tuple(reversed(filled))

    def _filled(self, item: CollectedItem, attached: Attached, visit: _Visit) -> CollectedItem:
        if not wants_page(item):
            return item
        pdf = attached.get((item.guid, item.url))
        try:
            return with_text(item, *self._words(item, pdf, visit))
        except BadInput as error:
            return without_text(item, str(error))

    def _words(self, item: CollectedItem, pdf: str | None, visit: _Visit) -> tuple[str, str]:
        """The text and where it is from: the page, else the PDF that entry or page name. Raises BadInput."""
        failure: BadInput = NotAFeed("the entry has no page")
        if item.url is not None:
            try:
                return self._read(item, item.url, visit, follow=pdf is None)
            except BadInput as error:
                failure = error
        if pdf is None:
            raise failure
        return self._read(item, pdf, visit, follow=False)

    def _read(self, item: CollectedItem, url: str, visit: _Visit, *, follow: bool) -> tuple[str, str]:
        fetched = self._fetch(url, visit)
        words = self._reader.read(fetched, visit.left())
        text = below_title(item, words.text)
        why = why_not(item, text)
        if not why:
            return text, DOCUMENT if is_pdf(fetched) else PAGE
        if follow and words.pdfs and len(text) < LEAST:
            return self._read(item, words.pdfs[0], visit, follow=False)
        raise NotAFeed(why)

    def _fetch(self, url: str, visit: _Visit) -> Fetched:
        host = urlsplit(url).netloc
        if said := visit.turned_away.get(host):
            raise FetchFailed(said, Trouble.BUSY)
        left = visit.left()
        try:
            return self._web.get(
                url,
                max_bytes=MOST_BYTES,
                deadline=min(ONE_PAGE, left),
                patience=left - LEAST_TIME,
                permit=self._permit(visit),
                accept=ACCEPT,
            )
        except FetchFailed as error:
            if error.trouble in _TURNED_AWAY:
                visit.turned_away[host] = f"{host} is left alone for now: {error}"
            raise

    def _permit(self, visit: _Visit) -> Callable[[str], None]:
        """Asks the site of every hop whether the page may be read: robots.txt, then the reservations."""

        def permit(url: str) -> None:
            verdict = self._robots.verdict(url)
            if not verdict.allowed:
                why = f"forbids {url}" if verdict.reachable else f"of {url} cannot be read; pages wait for it"
                raise FetchFailed(f"robots.txt {why}", Trouble.FORBIDDEN)
            if self._reserved.reserved(url, visit.left()):
                raise FetchFailed(f"the site's tdmrep.json reserves {url}", Trouble.FORBIDDEN)

        return permit
