"""Show what the parser makes of a feed, or of a saved newsletter: a file, an address, or - for standard input.

Every entry is listed, also one that the collector would refuse. The collector's limits hold for files too. With
--listing the document is an HTML page, and the block of its entries is looked for; --url says where a saved
document came from, which its links are relative to.

example: vigie parse https://www.example.org/feed.xml
example: vigie parse --json saved.xml | jq '.entries[0]'
example: vigie parse newsletter.eml
example: vigie parse --listing --url https://www.example.org/news/ saved.html
exit codes: 0 it is a feed, even an empty one, a mail, or with --listing a listing; 1 it is none
"""

import argparse
import json
import sys
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.cli.shown import day, moment
from shared.clock import rfc3339
from shared.config import Settings
from shared.errors import BadInput
from shared.items import LANGUAGES, OTHER
from shared.text.language import identify

if TYPE_CHECKING:
    from services.collector.entries import ParsedEntry, ParsedFeed
    from shared.web.client import Fetched

NOWHERE: Final = "https://page.invalid/"  # what the relative links of a page of unknown origin are shown under


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", metavar="FILE|URL", help="a file, an address with http(s)://, or -")
    parser.add_argument("--listing", action="store_true", help="it is an HTML page: find the block of its entries")
    parser.add_argument("--url", metavar="BASE", default="", help="the address that a saved document came from")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        feed = (
            _listing(args.document, args.url, settings)
            if args.listing
            else _parsed(args.document, args.url, settings)
        )
    except BadInput as error:
        return _failed(str(error), machine=args.json)
    except OSError as error:
        return _failed(f"{args.document} cannot be read: {error.strerror}", machine=args.json)
    if args.json:
        print(_dumped(_reply(feed)))
    else:
        _print(feed, settings.calendar)
    return 0


def _parsed(document: str, base: str, settings: Settings) -> "ParsedFeed":
    from services.collector.newsletter.mail import looks_like_mail, read_mail
    from services.collector.newsletter.read import read_newsletter
    from services.collector.parse import parse_feed, parse_fetched

    if fetched := _fetched(document, settings):
        return parse_fetched(replace(fetched, url=base or fetched.url))
    body = _read(document)
    return read_newsletter(read_mail(body)) if looks_like_mail(body) else parse_feed(body, url=base)


def _listing(document: str, base: str, settings: Settings) -> "ParsedFeed":
    from services.collector.dates import zone_of
    from services.collector.detect import detect_listing
    from shared.web.client import Fetched

    if fetched := _fetched(document, settings):
        return detect_listing(replace(fetched, url=base or fetched.url), zone_of("")).feed
    return detect_listing(Fetched(url=base or NOWHERE, status=200, body=_read(document)), zone_of("")).feed


def _fetched(document: str, settings: Settings) -> "Fetched | None":
    """What is at an address; None for what is none. Raises BadInput for an address of another kind."""
    from shared.web.client import WebClient

    scheme, told, _ = document.partition("://")
    if not told or not scheme.isalpha():
        return None
    if scheme.lower() not in ("http", "https"):
        raise BadInput(f"{scheme}:// is not read: an address begins with http:// or https://, a file has none")
    return WebClient(settings).get(document)


def _read(document: str) -> bytes:
    """The file's bytes. One byte more than the limit is enough to know that it is too large."""
    from shared.errors import FetchFailed, Trouble
    from shared.web.client import MAX_BYTES

    if document == "-":
        body = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(document).open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FetchFailed(f"{document} is larger than {MAX_BYTES / 1e6:g} MB", Trouble.TOO_LARGE)
    return body


def _failed(error: str, *, machine: bool) -> int:
    if machine:
        print(_dumped({"ok": False, "format": None, "language": None, "error": error, "entries": []}))
    else:
        print(f"vigie parse: {error}", file=sys.stderr)
    return 1


def _reply(feed: "ParsedFeed") -> dict[str, Any]:
    return {
        "ok": True,
        "format": feed.format,
        "language": _language_of_feed(feed),
        "error": None,
        "entries": [_shown(entry, feed) for entry in feed.entries],
    }


def _shown(entry: "ParsedEntry", feed: "ParsedFeed") -> dict[str, Any]:
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published": rfc3339(entry.published),
        "published_on": entry.published_on.isoformat() if entry.published_on else None,
        "updated": rfc3339(entry.updated),
        "language": _identified(f"{entry.title}\n{entry.summary}", entry.language or feed.language),
        "authors": list(entry.authors),
        "categories": list(entry.categories),
    }


def _language_of_feed(feed: "ParsedFeed") -> str | None:
    """What the feed declares, else what its entries are written in; None where neither says anything."""
    if feed.language is not None:
        return feed.language if feed.language in LANGUAGES else OTHER
    words = "\n".join(f"{entry.title}\n{entry.summary[:200]}" for entry in feed.entries[:20])
    return _identified(words, None)


def _identified(text: str, declared: str | None) -> str | None:
    if not text.strip():
        return (declared if declared in LANGUAGES else OTHER) if declared else None
    return identify(text, declared=declared)


def _dumped(reply: dict[str, Any]) -> str:
    return json.dumps(reply, ensure_ascii=False, indent=2)


def _print(feed: "ParsedFeed", zone: tzinfo) -> None:
    print(f"{feed.format}, {_language_of_feed(feed) or 'no language'}, {len(feed.entries)} entries: {feed.title}")
    for entry in feed.entries:
        written = day(entry.published_on) if entry.published_on else moment(entry.published, zone, "(no date)")
        print(f"{written:29}  {entry.title}")
        print(f"{'':29}  {entry.url or '(no link)'}")
