"""Pure. JSON Feed 1.0 and 1.1 (jsonfeed.org) to entries."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from html import unescape
from typing import Any, Final

from services.collector.dates import parse_date, read_date
from services.collector.entries import (
    LONGEST_RAW,
    ParsedEntry,
    ParsedFeed,
    link,
    names,
    one_line,
    plain_line,
    primary_subtag,
)
from shared.errors import NotAFeed
from shared.text.html import plain_text

MOST_ITEMS: Final = 30_000

# titles are text; some writers put HTML's typography in all the same, but `&lt;` is meant as it stands
_ENTITY: Final = re.compile(
    r"&(?!(?:lt|gt|#0*6[02]|#x0*3[ce]);)(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,31});", re.IGNORECASE
)


def parse_json_feed(text: str, base: str, zone: tzinfo) -> ParsedFeed:
    """The feed in `text`. Raises NotAFeed for JSON that is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"this looks like JSON, but is not valid: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed("this is JSON, but not a JSON Feed: it has no list `items`")
    version = _text(document, "version")
    if "jsonfeed.org/version/" not in version:
        raise NotAFeed("this is JSON, but not a JSON Feed: `version` names none")
    if len(document["items"]) > MOST_ITEMS:
        raise NotAFeed(f"the document has more than {MOST_ITEMS:,} items; no feed needs so many")
    base = link(_text(document, "feed_url"), base) or base
    site = link(_text(document, "home_page_url"), base)
    return ParsedFeed(
        format="json11" if version.rstrip("/").endswith("1.1") else "json10",
        entries=tuple(_entry(item, site or base, zone) for item in document["items"] if isinstance(item, dict)),
        language=primary_subtag(_text(document, "language")),
        title=one_line(_text(document, "title")),
        site=site,
        hub=next(
            (link(_text(each, "url"), base) for each in _list(document, "hubs") if isinstance(each, dict)), None
        ),
        topic=link(_text(document, "feed_url"), base),
    )


def _entry(item: Mapping[str, Any], base: str, zone: tzinfo) -> ParsedEntry:
    text = _text(item, "content_text") or plain_text(_text(item, "content_html"))
    written = _moment(item, "date_published")
    dated = read_date(written, zone)
    return ParsedEntry(
        guid=(guid := _guid(item)),
        url=link(_text(item, "url") or _text(item, "external_url") or _address(guid), base),
        title=plain_line(_ENTITY.sub(lambda found: unescape(found[0]), _text(item, "title"))),
        summary=" ".join(_text(item, "summary").split()) or text,
        text=text if _text(item, "summary") else "",
        published=dated.moment if dated else None,
        published_on=dated.day if dated else None,
        published_raw=written[:LONGEST_RAW] or None,
        updated=parse_date(_moment(item, "date_modified"), zone),
        language=primary_subtag(_text(item, "language")),
        authors=names(_authors(item)),
        categories=names(_writable(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
    )


def _guid(item: Mapping[str, Any]) -> str | None:
    guid = item.get("id")  # the specification asks readers to take a number as text
    return _writable(str(guid)).strip() or None if isinstance(guid, str | int | float) else None


def _address(guid: str | None) -> str | None:
    """An id that is an address, as the specification likes them best; some writers leave `url` out then."""
    return guid if guid and guid.startswith(("http://", "https://")) else None


def _moment(item: Mapping[str, Any], key: str) -> str:
    """A date as written: some software writes the seconds since the epoch, as a number."""
    value = item.get(key)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _text(item, key)


def _authors(item: Mapping[str, Any]) -> Iterator[str]:
    for author in (*_list(item, "authors"), item.get("author")):
        if isinstance(author, dict):
            yield _text(author, "name")


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return _writable(value) if isinstance(value, str) else ""


def _writable(text: str) -> str:
    """JSON can spell half a surrogate pair, which no encoding can write, and NUL, which PostgreSQL refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _list(values: Mapping[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []
