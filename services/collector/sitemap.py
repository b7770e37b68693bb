"""Pure. News sitemaps (sitemaps.org with Google's news namespace) to entries. lxml reads them, not feedparser."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from lxml import etree

from services.collector.dates import read_date
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, ParsedFeed, link, names, one_line, primary_subtag
from services.collector.mend import looks_like, mend
from shared.errors import NotAFeed
from shared.web.body import unpacked
from shared.web.client import MAX_BYTES, Fetched

MOST_URLS: Final = 1000  # what Google lets a news sitemap hold; a longer one is no news sitemap


def parse_sitemap(fetched: Fetched, zone: tzinfo) -> ParsedFeed:
    """The entries of a news sitemap: the addresses that have a news title. Raises NotAFeed."""
    text = decode(unpacked(fetched.body, MAX_BYTES, fetched.url), fetched.content_type)
    markup = mend(text)
    if markup.root == "sitemapindex":
        raise NotAFeed("this is an index of sitemaps; name the news sitemap itself")
    if markup.root != "urlset":
        raise NotAFeed(looks_like(text) if markup.root == "html" else f"this is <{markup.root}>, not a sitemap")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(markup.text.encode("utf-8", "replace"), parser)
    entries = tuple(_entries(root, fetched.url, zone)) if root is not None else ()
    if not entries:
        raise NotAFeed("this sitemap has no news: none of its addresses has a title")
    return ParsedFeed("sitemap", entries)


def _entries(root: etree._Element, base: str, zone: tzinfo) -> Iterator[ParsedEntry]:
    for url in root.findall("{*}url")[:MOST_URLS]:
        title = one_line(_text(url, "{*}news/{*}title"))
        if not title:
            continue
        written = _text(url, "{*}news/{*}publication_date") or _text(url, "{*}lastmod")
        dated = read_date(written, zone)
        yield ParsedEntry(
            guid=None,
            url=link(_text(url, "{*}loc"), base),
            title=title,
            published=dated.moment if dated else None,
            published_on=dated.day if dated else None,
            published_raw=written[:LONGEST_RAW] or None,
            language=primary_subtag(_text(url, "{*}news/{*}publication/{*}language")),
            categories=names(_text(url, "{*}news/{*}keywords").split(",")),
        )


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
