"""Whatever bytes come: entries or a clear refusal, in bounded time and memory, by every way to read a document."""

import gzip
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.collector.backfill.paging import next_of_feed, next_of_page
from services.collector.dates import Dated, zone_of
from services.collector.detect import detect_listing
from services.collector.discover import discover
from services.collector.fulltext.reserved import directive, rules_of, site_reserves
from services.collector.listing import parse_listing
from services.collector.page import page_entry
from services.collector.parse import parse_feed
from services.collector.sitemap import parse_sitemap
from shared.errors import BadInput
from shared.sources.catalogue import ListingRules
from shared.web.client import Fetched
from tests.sizes import sizes

URL: Final = "https://www.example.org/aktuelles/"
ZONE: Final = zone_of("DE")
ROOT: Final = Path(__file__).parents[3]
READERS: Final[dict[str, Callable[[Fetched], object]]] = {
    "feed": lambda fetched: parse_feed(fetched.body, url=fetched.url),
    "listing": lambda fetched: detect_listing(fetched, ZONE),
    "listing by selectors": lambda fetched: parse_listing(fetched, ListingRules("li", date="time"), ZONE),
    "sitemap": lambda fetched: parse_sitemap(fetched, ZONE, ("de", "fr")),
    "page": lambda fetched: page_entry(fetched, fetched.url, Dated(_ANY_DAY), ZONE),
    "feeds of a page": discover,
    "next page": lambda fetched: next_of_page(fetched, 1),
    "next part": lambda fetched: next_of_feed(fetched, 1),
}
OTHERS: Final = tuple(way for way in READERS if way not in ("feed", "listing"))
_ANY_DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)

KINDS: Final = {
    "feed": sorted((ROOT / "tests/data/feeds").glob("*.*")),
    "page": sorted((ROOT / "tests/sites").glob("*.html")),
}
SITEMAP: Final = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    b'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:x="http://www.w3.org/1999/xhtml"><url>'
    b'<loc>https://www.example.org/a</loc><lastmod>2026-03-01</lastmod><x:link rel="alternate" hreflang="fr" '
    b'href="https://www.example.org/fr/a"/><news:news><news:publication><news:language>de</news:language>'
    b"</news:publication><news:publication_date>2026-03-01</news:publication_date><news:title>Titel</news:title>"
    b"</news:news></url></urlset>"
)
INDEX: Final = b"<sitemapindex><sitemap><loc>/a.xml.gz</loc><lastmod>2026-01</lastmod></sitemap></sitemapindex>"
ORIGINALS: Final = [path.read_bytes() for paths in KINDS.values() for path in paths] + [SITEMAP, INDEX]
# what means something to one of the parsers
TOKENS: Final = [
    b"<",
    b">",
    b"&",
    b'"',
    b"'",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml",
    b"?>",
    b"<!DOCTYPE html",
    b"&#0;",
    b"&#xD800;",
    b"&lol;",
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"{",
    b"}",
    b"[",
    b"\\ud800",
    b"<rss",
    b"<feed",
    b"<urlset>",
    b"<url>",
    b"<loc>",
    b"<item>",
    b"<entry>",
    b"<html>",
    b"<base href='http://['>",
    b"<a href='http://[::1'>x</a>",
    b"<li><a href=/x>",
    b"<time datetime='99999-99-99T99:99:99+99:99'>",
    b"<template>",
    b"http://",
    b"0001-01-01",
    b"9" * 30,
    b"<pubDate>",
    b"<guid isPermaLink='true'>",
    b"<link rel=next href=",
    b"</",
]


@pytest.mark.parametrize("way", list(READERS))
@settings(max_examples=60)
@given(body=some.binary(max_size=300) | some.lists(some.sampled_from(TOKENS), max_size=30).map(b"".join))
def test_any_bytes_give_entries_or_a_refusal_in_words(way: str, body: bytes) -> None:
    _read(way, body)


@pytest.mark.parametrize("way", list(READERS))
@settings(max_examples=60)
@given(
    original=some.sampled_from(ORIGINALS),
    edits=some.lists(
        some.tuples(some.floats(0, 1), some.integers(0, 60), some.sampled_from(TOKENS) | some.binary(max_size=6)),
        max_size=6,
    ),
)
def test_no_damage_to_a_document_is_more_than_a_refusal(
    way: str, original: bytes, edits: list[tuple[float, int, bytes]]
) -> None:
    body = original
    for place, cut, put in edits:
        at = int(place * len(body))
        body = body[:at] + put + body[at + cut :]
    _read(way, body)


@settings(max_examples=200)
@given(some.text(max_size=200), some.text(max_size=80))
def test_any_words_about_the_use_of_a_page_are_read_or_passed_over(written: str, path: str) -> None:
    site_reserves(rules_of(written), path)
    site_reserves(rules_of(f'[{{"location": {path!r}, "tdm-reservation": 1}}]'.replace("'", '"')), path)
    directive(written)


def _read(way: str, body: bytes) -> None:
    refused = ""
    try:
        READERS[way](Fetched(URL, 200, body, "text/html"))
    except BadInput as error:
        refused = str(error) or "nothing"
    assert refused != "nothing", "a refusal says why"


# ---- documents that are made to cost

RSS: Final = b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>'
ITEM: Final = RSS + b"<item><title>t</title>"
HTML: Final = b"<!doctype html><html><body>"
TEXT: Final = ITEM + b"<description>"
DATE: Final = ITEM + b"<pubDate>"
END: Final = b"</description></item></channel></rss>"
DATE_END: Final = b"</pubDate></item></channel></rss>"
JSON: Final = b'{"version":"https://jsonfeed.org/version/1.1","items":['


def _costly(size: int) -> dict[str, Callable[[], bytes]]:
    """Documents of about `size` bytes, by what they are full of."""

    def filled(piece: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
        return head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail

    def attributes(spelled: bytes, each: int) -> bytes:
        return b" ".join(spelled % number for number in range(size // each))

    return {
        "angle brackets": lambda: filled(b"<"),
        "ampersands": lambda: filled(b"&", TEXT),
        "nothing": lambda: filled(b"\x00"),
        "noise": lambda: random.Random(1).randbytes(size),
        "items never closed": lambda: filled(b"<item><title>x", RSS),
        "items": lambda: filled(b"<item><title>x</title><link>https://example.org/a</link></item>", RSS),
        "elements in elements": lambda: filled(b"<a>", RSS),
        "attributes": lambda: RSS + b"<item " + attributes(b'a%d="1"', 12) + b"/>",
        "name spaces": lambda: b'<rss version="2.0" ' + attributes(b'xmlns:n%d="u"', 16) + b"><channel/></rss>",
        "attributes in a text": lambda: TEXT + b"&lt;p " + attributes(b"a%d", 8) + b">x</description>",
        "attributes in data": lambda: TEXT + b"<![CDATA[<p " + attributes(b"a%d", 8) + b">x]]></description>",
        "comments": lambda: filled(b"<!-- ", RSS),
        "data in data": lambda: filled(b"<![CDATA[x]]>", TEXT),
        "markup in a text": lambda: filled(b"&lt;p&gt;&lt;b&gt;", TEXT),
        "entities": lambda: filled(b"<!ENTITY a 'b'>", b"<!DOCTYPE rss ["),
        "links of one entry": lambda: filled(
            b"<link rel='alternate' href='/a' hreflang='de'/>",
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>',
        ),
        "a long date": lambda: filled(b"1 ", DATE, DATE_END),
        "a long number for a date": lambda: filled(b"1", DATE, DATE_END),
        "mail addresses": lambda: filled(b"a@a.", TEXT, END),
        "numbers": lambda: filled(b"+49 1 ", TEXT, END),
        "quotes": lambda: filled(b"href='a", TEXT + b"&lt;a .pdf ", END),
        "lists in lists of JSON": lambda: filled(b"["),
        "objects in objects of JSON": lambda: filled(b'{"a":'),
        "items of JSON": lambda: filled(b'{"id":"1"},', JSON, b"{}]}"),
        "a long number of JSON": lambda: filled(b"1", JSON, b"]}"),
        "divisions in divisions": lambda: filled(b"<div>", HTML),
        "lists in lists": lambda: filled(b"<ul><li><a href=/x/1>Titel</a>", HTML),
        "entries of a page": lambda: filled(b"<li><a href=/n/1>Titel eins</a> 12.03.2026</li>", HTML),
        "rows": lambda: filled(b"<tr><td><a href=/x/2>T</a></td></tr>", HTML + b"<table>"),
        "dates": lambda: filled(b"<time>12.03.2026</time>", HTML),
        "attributes of a page": lambda: HTML + b"<p " + attributes(b"a%d=1", 10) + b">x",
        "attributes behind a bracket": lambda: HTML + b'<p x=">" ' + attributes(b"a%d", 8) + b">x",
        "classes": lambda: filled(b"x ", HTML + b"<div class='", b"'><a href=/a>x</a>"),
        "words": lambda: filled(b"Wort ", HTML + b"<p>"),
        "quotes of a page": lambda: filled(b'<a href="', HTML),
        "scripts": lambda: filled(b"<script>", HTML),
        "data of a page": lambda: filled(b"[", HTML + b"<script type='application/ld+json'>", b"</script>"),
        "feeds of a page": lambda: filled(b"<link rel=alternate type=application/rss+xml href=/f>", HTML),
        "numbered pages": lambda: filled(b"<a href=/p>1</a>", HTML),
        "addresses of a sitemap": lambda: filled(b"<url><loc>https://example.org/a</loc></url>", b"<urlset>"),
        "sitemaps": lambda: filled(b"<sitemap><loc>/a</loc></sitemap>", b"<sitemapindex>"),
        "a bomb": lambda: gzip.compress(b" " * 20 * size, 9),
        "members": lambda: gzip.compress(b"<rss>") * (size // 30),
        "wide letters": lambda: ("<rss>" * (size // 20)).encode("utf-32"),
    }


@pytest.mark.slow
@sizes(250_000, 10_000_000)
@pytest.mark.parametrize("ways", [("feed",), ("listing",), OTHERS], ids=["feed", "listing", "others"])
def test_documents_that_are_made_to_cost_are_bounded_in_time_and_memory(ways: Sequence[str], size: int) -> None:
    """In a process of its own, which ends at the bounds; what it says before that names the document."""
    code = f"from tests.unit.collector.test_any_bytes import cost; cost({ways!r}, {size})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-1000:]
    assert done.stdout.splitlines()[-1] == "all of them"


def _most_memory() -> float:
    """Megabytes at most so far. What `getrusage` says begins with what the process that started us held."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def cost(ways: Sequence[str], size: int) -> None:
    """Read every costly document these ways, within bounds; raises where one breaks them."""
    seconds, megabytes = 4.0 + 2.5 * size / 1e6, 400 + size / 1e4  # of processor; the program itself included
    for way, (name, made) in product(ways, _costly(size).items()):
        print(way, name, flush=True)  # noqa: T201 - the last line says which one it was
        fetched = Fetched(URL, 200, made())
        began = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(began + 2 * seconds) + 2, resource.RLIM_INFINITY))
        with suppress(BadInput):
            READERS[way](fetched)
        spent = time.process_time() - began
        memory = _most_memory()
        assert spent < seconds, f"{way}, {name}: {spent:.1f} s"
        assert memory < megabytes, f"{way}, {name}: {memory:.0f} MB"
    print("all of them")  # noqa: T201
