"""The feedparser door: the bytes of a document to a ParsedFeed. The only module that imports feedparser.

feedparser gets mended text only (see `mend`), and as a stream: bytes or text it would try to open as a file or an
address. It neither sanitises nor resolves addresses in markup for us: we keep plain text.
"""

import calendar
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from xml.parsers import expat

import feedparser

from services.collector.attached import is_file, pdf_of
from services.collector.dates import Dated, parse_date, read_date, told_by_others, zone_of
from services.collector.encoding import decode
from services.collector.entries import (
    LONGEST_RAW,
    ParsedEntry,
    ParsedFeed,
    link,
    names,
    one_line,
    place,
    plain_line,
    primary_subtag,
)
from services.collector.jsonfeed import parse_json_feed
from services.collector.mend import FEED_ROOTS, mend
from services.collector.plain.read import read_plain
from services.collector.plain.vocabulary import NotPlain
from shared.errors import NotAFeed
from shared.text.html import doubtful_text, plain_text
from shared.web.body import unpacked
from shared.web.client import MAX_BYTES, Fetched

MOST_BROKEN_MARKUP: Final = 30_000  # angle brackets; some 4,000 entries

# SPIP ends its summaries with a link to the section
_SECTION: Final = re.compile(
    r"(?:(?<=>)\s*[-–]\s*<a\b|\s[-–]\s*<a\b(?=[^<>]{0,500}\brel=.directory))[^<>]{0,500}>[^<>]{1,80}</a>\s*\Z",
    re.IGNORECASE,
)
_CLOSES: Final = re.compile(r"</(p|a|div|em|strong|b|i|ul|ol|li|span|h[1-6])>|<br\s*/?>", re.IGNORECASE)
_FORMATS: Final = {"rss090": "rss090", "rss091n": "rss091", "rss091u": "rss091", "rss": "rss20"}
_PAGES: Final = ("text/html", "application/xhtml+xml")
_HINTS: Final = {
    "urlset": "this is a sitemap, not a feed; a source of kind `sitemap` reads it",
    "sitemapindex": "this is an index of sitemaps, not a feed",
    "opml": "this is a list of feeds (OPML); `vigie sources import` reads it",
}
_ENTRY: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_NAMED: Final = re.compile(r"""(\sxmlns(?::[\w.-]+)?\s*=\s*)(["'])([^"'<>]*)\2""")  # a name space with its prefix
_BUILT: Final = re.compile(r"<(lastBuildDate|updated)>([^<]{1,100})<")
_PERIODS: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def parse_feed(
    body: bytes,
    *,
    url: str = "",
    content_type: str = "",
    zone: tzinfo | None = None,
    languages: Sequence[str] = (),
    limit: int = MAX_BYTES,
) -> ParsedFeed:
    """The feed in `body`, even an empty one; `url` resolves relative links, `zone` dates without a zone.

    Without `url` what the document says of itself does: its own address, or its site's.

    `languages` are those of the source: where an entry names its versions, that of the first of them is taken.

    Raises NotAFeed, saying what the document looks like instead, and FetchFailed when it is larger than `limit`.
    """
    zone = zone or zone_of("")
    text = decode(unpacked(body, limit, url or "the document"), content_type)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return parse_json_feed(text.lstrip("\ufeff \t\r\n"), url, zone)
    markup = mend(text)
    if markup.root not in FEED_ROOTS:
        raise NotAFeed(_HINTS.get(markup.root, f"this is XML with the root <{markup.root}>, not a feed"))
    try:
        feed = _feed(read_plain(markup.text, url), url, zone, languages)
    except NotPlain:
        _check_effort(markup.text)
        feed = _feed(_parsed(markup.text, url), url, zone, languages)
    built = _BUILT.search(_ENTRY.split(markup.text, maxsplit=1)[0])
    return replace(feed, built=parse_date(built[2], zone)) if built else feed


def parse_fetched(fetched: Fetched, zone: tzinfo | None = None, languages: Sequence[str] = ()) -> ParsedFeed:
    """The feed in an answer."""
    return parse_feed(
        fetched.body, url=fetched.url, content_type=fetched.content_type, zone=zone, languages=languages
    )


def _check_effort(text: str) -> None:
    """Refuses what would keep feedparser busy for minutes.

    Its second parser, for what is not well-formed, takes time with the square of elements that are never closed.
    """
    if text.count("<") <= MOST_BROKEN_MARKUP:
        return
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotAFeed(f"this looks like a feed, but is broken ({error}) and too large to be mended") from error


def _parsed(text: str, url: str) -> Any:
    """What feedparser reads. A blank in the name of a name space confuses it: there is none."""
    text = _NAMED.sub(lambda found: f"{found[1]}{found[2]}{''.join(found[3].split())}{found[2]}", text)
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-location": url, "content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the reading of an entry depends on besides itself. `languages` are the source's."""

    base: str
    zone: tzinfo
    version: str
    languages: tuple[str, ...]

    @property
    def atom(self) -> bool:
        return self.version.startswith("atom")


def _feed(parsed: Any, url: str, zone: tzinfo, languages: Sequence[str]) -> ParsedFeed:
    version = str(getattr(parsed, "version", "") or "")
    wanted = languages or filter(None, (primary_subtag(_str(parsed.feed, "language")),))
    url = url or _says_where(parsed.feed)
    reading = _Reading(url, zone, version, tuple(wanted))
    entries = tuple(_entry(entry, reading) for entry in parsed.entries)
    if not entries and (not version or parsed.get("bozo")):
        raise NotAFeed(f"this looks like a feed, but is broken: {_problem(parsed)}")
    feed = parsed.feed
    return ParsedFeed(
        format=_FORMATS.get(version, version or "rss20"),
        entries=entries,
        language=primary_subtag(_str(feed, "language")),
        title=one_line(_str(feed, "title")),
        site=link(_str(feed, "link"), url),
        ttl=_ttl(feed),
        hub=_related(feed, "hub", url),
        topic=_related(feed, "self", url),
    )


def _says_where(feed: Any) -> str:
    """Where a document that was saved came from, in its own words; empty where it does not say."""
    return _related(feed, "self", "") or link(_str(feed, "link"), "") or ""


def _related(feed: Any, relation: str, url: str) -> str | None:
    """The first address that the document gives for a relation to itself."""
    found = (each.get("href") for each in feed.get("links", ()) if each.get("rel") == relation)
    return link(next(found, None), url)


def _entry(entry: Any, reading: _Reading) -> ParsedEntry:
    summary, text = _texts(entry, reading)
    address = _address(entry, reading)
    published, written = _dated(entry, "published", reading.zone)
    updated, written_update = _dated(entry, "updated", reading.zone)
    if published is None and not reading.atom and (updated or written is None):
        # RSS knows no update: feedparser calls a `dc:date` so (the Bundestag's agendas have no other date)
        published, written, updated = updated, written_update, None
    if published is None and not reading.atom:
        published, written = _dated_otherwise(entry, reading.zone) or (None, written)
    return ParsedEntry(
        guid=_str(entry, "id").strip() or None,
        url=link(address, reading.base),
        place=place(address),
        title=_title(entry, reading),
        summary=summary,
        text=text,
        published=published.moment if published else None,
        published_on=published.day if published else None,
        published_raw=written,
        updated=updated.moment if updated else None,
        language=primary_subtag(_language(entry)),
        authors=names(_str(author, "name") for author in _dicts(entry, "authors")),
        categories=names(_str(tag, "label") or _str(tag, "term") for tag in _dicts(entry, "tags")),
        attached=_attached(entry, address, reading.base),
    )


def _attached(entry: Any, address: str, base: str) -> str | None:
    """The PDF of the entry. Some writers forget `rel`: another file beside the page is an enclosure too."""
    files = (each for each in _versions(entry) if is_file(_str(each, "href")) and _str(each, "href") != address)
    links = (*(each for each in _dicts(entry, "links") if _str(each, "rel") == "enclosure"), *files)
    enclosures = ((_str(each, "href"), _str(each, "type")) for each in links)
    written = (_str(entry, "summary"), *(_str(content, "value") for content in _dicts(entry, "content")))
    return pdf_of(enclosures, written, base)


def _texts(entry: Any, reading: _Reading) -> tuple[str, str]:
    """Summary and text; the text is empty where it says no more than the summary."""
    summary = _words(dict.get(entry, "summary_detail") or {}, _str(entry, "summary"), reading)
    contents = [_words(content, _str(content, "value"), reading) for content in _dicts(entry, "content")]
    text = max(contents, key=len, default="")
    return summary or text, "" if text == summary or not summary else text


def _title(entry: Any, reading: _Reading) -> str:
    """Atom says whether a title is text or markup; RSS does not."""
    written = _str(entry, "title")
    if not reading.atom:
        return one_line(written)
    is_text = _str(dict.get(entry, "title_detail") or {}, "type") == "text/plain"
    return plain_line(written if is_text else plain_text(written))


def _words(detail: Any, written: str, reading: _Reading) -> str:
    """A summary or text. What Atom calls text is sometimes markup all the same, whose closing tags tell."""
    if reading.atom and _str(detail, "type") == "text/plain" and not _CLOSES.search(written):
        return written.strip()
    written = _SECTION.sub("", written)
    return plain_text(written) if reading.atom else doubtful_text(written)


def _address(entry: Any, reading: _Reading) -> str:
    """The entry's link, in a language of the source where it has several; its guid where that is one.

    Atom allows one page a language. Of more, the first that is no file: the last, which feedparser takes, is often
    an enclosure whose writer forgot `rel` (feedgen 1.0 writes no other).
    """
    if address := _str(entry, "feedburner_origlink"):
        return address
    versions = _versions(entry)
    for language in reading.languages:
        for each in versions:
            if primary_subtag(_str(each, "hreflang")) == language and _str(each, "href").strip():
                return _str(each, "href")
    pages = (_str(each, "href") for each in versions if reading.atom and _str(each, "type") in _PAGES)
    if page := next((each for each in pages if each.strip() and not is_file(each)), ""):
        return page
    if (address := _str(entry, "link")).strip():
        return address
    return _str(entry, "id") if dict.get(entry, "guidislink") else ""


def _versions(entry: Any) -> Sequence[Any]:
    return [each for each in _dicts(entry, "links") if _str(each, "rel") in ("", "alternate")]


def _dated(entry: Any, key: str, zone: tzinfo) -> tuple[Dated | None, str | None]:
    """The date and how it was written: by our reading of the words, else by feedparser's."""
    written = _str(entry, key).strip()
    if not written:
        return None, None
    dated = read_date(written, zone)
    if dated is None and f"{key}_parsed" not in entry:
        raise NotPlain("a date that only feedparser may read")
    fields = dict.get(entry, f"{key}_parsed")
    if dated is None and fields:
        try:
            dated = told_by_others(written, datetime.fromtimestamp(calendar.timegm(fields), UTC))
        except (ValueError, TypeError, OverflowError):
            dated = None
    return dated, written[:LONGEST_RAW]


def _dated_otherwise(entry: Any, zone: tzinfo) -> tuple[Dated, str] | None:
    """The date of an RSS entry that only others date: the vocabulary of journals, or Dublin Core its creation."""
    for key in ("prism_publicationdate", "created"):
        written = _str(entry, key).strip()
        if dated := read_date(written, zone):
            return dated, written[:LONGEST_RAW]
    return None


def _language(entry: Any) -> str:
    for detail in ("title_detail", "summary_detail"):
        if language := _str(dict.get(entry, detail) or {}, "language"):
            return language
    return _str(entry, "language")


def _ttl(feed: Any) -> float | None:
    """Seconds between two polls that `ttl` (minutes) or the syndication module ask for."""
    ttl = _str(feed, "ttl").strip()
    if ttl.isdecimal() and len(ttl) < 9:
        return float(ttl) * 60
    period = _PERIODS.get(_str(feed, "sy_updateperiod").strip().lower())
    often = _str(feed, "sy_updatefrequency").strip()
    if period is None:
        return None
    return period / max(1, int(often)) if often.isdecimal() and len(often) < 9 else float(period)


def _problem(parsed: Any) -> str:
    error = dict.get(parsed, "bozo_exception")
    return " ".join(str(error).split())[:200] if error else "it names no version and has no entries"


def _str(values: Any, key: str) -> str:
    """A text value. `dict.get`, because feedparser's own lookup falls back to related keys."""
    value = dict.get(values, key)
    return value if isinstance(value, str) else ""


def _dicts(values: Any, key: str) -> Iterator[Any]:
    for value in dict.get(values, key) or ():
        if isinstance(value, dict):
            yield value
