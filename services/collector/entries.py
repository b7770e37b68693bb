"""Pure. What a parsed document is: a feed with its entries, as the publisher wrote them."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urljoin

from shared.errors import BadInput
from shared.identity import canonical_url
from shared.text.html import doubtful_text, without_invisible

LONGEST_TITLE: Final = 1000
LONGEST_RAW: Final = 100
MOST_NAMES: Final = 50  # authors or categories of one entry
_IN_FULL: Final = re.compile(r"https?://[a-zA-Z0-9][!-~]*")  # no base changes such an address
NO_LINK: Final = re.compile(r"\s*(n/?a|none|null|undefined|#)\s*", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&[#a-zA-Z]")


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One record of a document. `url` is canonical; texts are plain; moments are in UTC.

    `published_on` is the day where only a day was written, `published_raw` the date as written. `language` is what
    the entry declares of itself, a primary subtag. `place` is where in the page at `url` it stands. `attached` is
    the address of a PDF that belongs to it.
    """

    guid: str | None
    url: str | None
    title: str
    summary: str = ""
    text: str = ""
    published: datetime | None = None
    published_on: date | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    place: str = ""
    attached: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A document that is a feed, a listing or a sitemap, even an empty one.

    `format` is `rss20`, `rss10`, `rss091`, `atom10`, `json11` and so on. `site` is the page that the feed belongs
    to. `ttl` is how long, in seconds, the publisher wants to be left alone between two polls. `hub` tells of
    news (WebSub), and calls the feed `topic`.

    Of a sitemap, `known` counts the pages that were read before, `passed` are the item ids of those that are no
    publication; one that is not `whole` says something new although it is the same document. `missed` says what of
    it could not be read this time, empty where all was. `built` is when it says that it was made.
    """

    format: str
    entries: tuple[ParsedEntry, ...]
    language: str | None = None
    title: str = ""
    site: str | None = None
    ttl: float | None = None
    hub: str | None = None
    topic: str | None = None
    known: int = 0
    passed: tuple[str, ...] = ()
    whole: bool = True
    missed: str = ""
    built: datetime | None = None


def one_line(written: str) -> str:
    """A title that may be markup: known tags and entities resolved, white space evened out."""
    return plain_line(doubtful_text(written) if _MARKUP.search(written) else written)


def plain_line(text: str) -> str:
    """A title that is text: white space evened out, without soft hyphens and what else nobody sees."""
    return " ".join(without_invisible(text).split())[:LONGEST_TITLE]


def names(written: Iterable[str]) -> tuple[str, ...]:
    """Authors or categories: each once, without the double escaping that Drupal leaves."""
    cleaned = (" ".join(html.unescape(name).split())[:200] for name in written)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MOST_NAMES]


def primary_subtag(language: str | None) -> str | None:
    """`de-DE` -> `de`; None where there is no language tag."""
    tag = re.split(r"[-_]", (language or "").strip().lower())[0]
    return tag if re.fullmatch(r"[a-z]{2,3}", tag) else None


def place(written: str | None) -> str:
    """The place in a page that a link names: `news-7` of `/news#news-7`; empty for what counts readers."""
    name = (written or "").partition("#")[2].strip()
    return name if name and not name.startswith(("!", "/")) and not set(name) & set("=&:~") else ""


def link(written: str | None, base: str) -> str | None:
    """The canonical address of a link, None where it is no web address."""
    if not written or not written.strip() or NO_LINK.fullmatch(written):
        return None
    written = written.strip()
    try:
        return canonical_url(written if _IN_FULL.fullmatch(written) else urljoin(base, written))
    except (BadInput, ValueError):
        return None
