"""Pure. What the page of a publication says of itself: title, date, summary, language.

JSON-LD is believed first, then OpenGraph and other metadata, then what stands on the page. A page without a date
of its own is a publication only where it calls itself an article and its sitemap dates it: an imprint has a title
too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from lxml import html

from services.collector.blocks.tree import parsed
from services.collector.dates import Dated, read_date
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, names, one_line, plain_line, primary_subtag
from services.collector.fulltext.reserved import directive, reservation, unlisted
from shared.text.html import doubtful_text
from shared.web.client import Fetched

MOST_DATA: Final = 500_000  # letters of JSON-LD that are read
MOST_OBJECTS: Final = 200
LONGEST_SUMMARY: Final = 2000
_ARTICLES: Final = re.compile(
    r"(News|Blog|Press|Tech|Scholarly|Report|Analysis|Opinion)?(Article|Posting|Release)|Report"
)
_DATES: Final = (
    "article:published_time", "og:article:published_time", "date", "dc.date", "dc.date.issued", "dc.date.created",
    "dcterms.date", "dcterms.issued", "dcterms.created", "dcterms.available", "pubdate", "publishdate",
    "publish-date", "publication_date", "publication-date", "sailthru.date", "parsely-pub-date",
)  # fmt: skip
_PATH_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_.]?(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_BETWEEN: Final = re.compile(r"\s+[|–—·:»-]\s+")  # the title of a page and the name of its site


@dataclass(slots=True)
class _Said:
    """What was found so far; what is found first counts."""

    title: str = ""
    written: str = ""
    summary: str = ""
    language: str = ""
    article: bool = False
    authors: list[str] = field(default_factory=list)

    def add(
        self, *, title: object = "", written: object = "", summary: object = "", language: object = ""
    ) -> None:
        self.title = self.title or _string(title)
        self.written = self.written or _string(written)
        self.summary = self.summary or _string(summary)
        self.language = self.language or _string(language)


def page_entry(fetched: Fetched, url: str, changed: Dated | None, zone: tzinfo) -> ParsedEntry | None:
    """The publication at `url`; None where the page is none. `changed` is the date that its sitemap gives.

    Raises NotAFeed for what is no HTML.
    """
    root = parsed(decode(fetched.body, fetched.content_type))
    if unlisted(fetched.robots_tag, root):
        return None
    said = _Said()
    _from_data(root, said)
    _from_metadata(root, said)
    _from_the_page(root, said)
    dated = read_date(said.written, zone) or _date_of(url, zone)
    if dated is None and said.article:
        dated = changed
    if dated is None or not said.title:
        return None
    return ParsedEntry(
        guid=None,
        url=url,
        title=one_line(said.title),
        summary="" if _reserved(fetched, root) else doubtful_text(said.summary)[:LONGEST_SUMMARY],
        published=dated.moment,
        published_on=dated.day,
        published_raw=said.written[:LONGEST_RAW] or None,
        language=primary_subtag(said.language) or primary_subtag(root.get("lang")),
        authors=names(said.authors),
    )


def _reserved(fetched: Fetched, root: html.HtmlElement) -> bool:
    """Whether the publisher reserves the text of the page; its title, date and address are a link to it."""
    return bool(directive(fetched.robots_tag, root) or reservation(fetched.tdm_reservation, page=root))


def _from_data(root: html.HtmlElement, said: _Said) -> None:
    for number, about in enumerate(_objects(root)):
        if number >= MOST_OBJECTS or said.article:
            break
        kinds = about.get("@type")
        if not any(_ARTICLES.fullmatch(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
            continue
        said.article = True
        said.add(
            title=about.get("headline") or about.get("name"),
            written=about.get("datePublished") or about.get("dateCreated"),
            summary=about.get("description"),
            language=about.get("inLanguage"),
        )
        authors = about.get("author")
        for author in authors if isinstance(authors, list) else [authors]:
            said.authors.append(_string(author.get("name") if isinstance(author, dict) else author))


def _objects(root: html.HtmlElement) -> Iterator[Mapping[str, Any]]:
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        try:
            data = json.loads((script.text or "")[:MOST_DATA], strict=False)
        except (ValueError, RecursionError):
            continue
        waiting = [data]
        while waiting:
            match waiting.pop(0):
                case list() as several:
                    waiting.extend(several[:MOST_OBJECTS])
                case dict() as one:
                    yield one
                    waiting.extend(one[key] for key in ("@graph", "mainEntity") if key in one)


def _from_metadata(root: html.HtmlElement, said: _Said) -> None:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        found.setdefault(name, meta.get("content", "").strip())
    said.article = said.article or "article" in found.get("og:type", "").lower()
    said.add(
        title=found.get("og:title"),
        written=next((found[name] for name in (*_DATES, "datepublished") if found.get(name)), ""),
        summary=found.get("og:description") or found.get("description"),
        language=root.get("lang") or found.get("og:locale"),
    )


def _from_the_page(root: html.HtmlElement, said: _Said) -> None:
    main = next((e for tag in ("article", "main") for e in root.iter(tag)), root)
    heading = next((plain_line(h1.text_content()) for h1 in (*main.iter("h1"), *root.iter("h1"))), "")
    titled = plain_line(root.findtext(".//title") or "")
    said.add(title=heading or _BETWEEN.split(titled)[0])
    marked = root.xpath('//*[@itemprop="datePublished"]')
    times = main.iter("time") if main is not root or len(list(root.iter("time"))) == 1 else ()
    for element in (*marked, *times):
        said.add(written=element.get("datetime") or element.get("content") or element.text_content())


def _date_of(url: str, zone: tzinfo) -> Dated | None:
    found = _PATH_DATE.search(unquote(urlsplit(url).path))
    return read_date("-".join(found.groups()), zone) if found else None


def _string(value: object) -> str:
    """Text of metadata, which may be anything."""
    return " ".join(value.split()) if isinstance(value, str) else ""
