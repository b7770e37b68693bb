"""Pure. Listing pages of publishers without a feed: CSS selectors from the catalogue to entries.

A listing that shows no entry, or no dated one although its dates are described, is broken, not quiet.
"""

import re
from dataclasses import asdict
from datetime import tzinfo
from typing import Final

from lxml import etree, html
from lxml.cssselect import CSSSelector, SelectorError

from services.collector.blocks.tree import base_of
from services.collector.bounds import check_page
from services.collector.dates import read_date
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, ParsedFeed, link, plain_line
from shared.errors import ConfigError, NotAFeed
from shared.sources.catalogue import ListingRules, SourceConfig
from shared.web.client import Fetched

MOST_ITEMS: Final = 500


def parse_listing(fetched: Fetched, rules: ListingRules, zone: tzinfo) -> ParsedFeed:
    """The entries of a listing page. Raises NotAFeed where the selectors find nothing."""
    page = _page(decode(fetched.body, fetched.content_type))
    base = base_of(page, fetched.url)
    items = _select(page, rules.item)[:MOST_ITEMS]
    entries = tuple(entry for item in items if (entry := _entry(item, rules, base, zone)))
    if not entries:
        raise NotAFeed(f"the selector {rules.item!r} finds no entry: the page was rebuilt, or shows an error")
    if (rules.date or rules.url_date) and not any(entry.published for entry in entries):
        raise NotAFeed("no entry of the page has a date that can be read: the page was rebuilt")
    return ParsedFeed("listing", entries, language=page.get("lang", "")[:2].lower() or None)


def check_selectors(source: SourceConfig) -> None:
    """Raises ConfigError for a selector that is none."""
    for name, selector in asdict(source.listing).items() if source.listing else ():
        if name != "url_date" and selector:
            try:
                CSSSelector(selector, translator="html")
            except SelectorError as error:
                raise ConfigError(
                    f"{source.id}: the selector `{name}`, {selector!r}, is wrong: {error}"
                ) from error


def _page(text: str) -> html.HtmlElement:
    check_page(text)
    try:
        page = html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotAFeed(f"this is no HTML page: {error}") from error
    return page


def _entry(item: html.HtmlElement, rules: ListingRules, base: str, zone: tzinfo) -> ParsedEntry | None:
    anchor = next(iter(_select(item, rules.link or "a[href]")), item if item.tag == "a" else None)
    url = link(anchor.get("href"), base) if anchor is not None else None
    title = _words(item, rules.title) or (plain_line(anchor.text_content()) if anchor is not None else "")
    if not url or not title:
        return None
    written = _date(item, rules, url)
    dated = read_date(written, zone)
    return ParsedEntry(
        guid=None,
        url=url,
        title=title,
        summary=_words(item, rules.summary),
        published=dated.moment if dated else None,
        published_on=dated.day if dated else None,
        published_raw=written[:LONGEST_RAW] or None,
    )


def _date(item: html.HtmlElement, rules: ListingRules, url: str) -> str:
    for element in _select(item, rules.date):
        inner = element if element.get("datetime") else next(element.iter("time"), element)
        return str(inner.get("datetime") or element.text_content()).strip()
    if rules.url_date and (found := re.search(rules.url_date, url)):
        parts = found.groupdict()
        return f"{parts.get('year')}-{parts.get('month')}-{parts.get('day') or '01'}"
    return ""


def _words(item: html.HtmlElement, selector: str) -> str:
    for element in _select(item, selector):
        return plain_line(element.text_content())
    return ""


def _select(element: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    if not selector:
        return []
    try:
        found = CSSSelector(selector, translator="html")(element)
    except SelectorError as error:
        raise NotAFeed(f"the selector {selector!r} is wrong: {error}") from error
    return [match for match in found if isinstance(match, html.HtmlElement)] if isinstance(found, list) else []
