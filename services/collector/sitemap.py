"""Pure. A sitemap to what it says: news with their titles, else pages, or the sitemaps that it is an index of.

lxml reads them, not feedparser. A sitemap without any address is empty and no error: news sitemaps hold two days,
and stand empty when nothing was published. An old address without news tags in a news sitemap is no news.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, TypeVar

from lxml import etree

from services.collector.dates import Dated, read_date
from services.collector.encoding import decode
from services.collector.entries import LONGEST_RAW, ParsedEntry, link, names, one_line, primary_subtag
from services.collector.mend import looks_like, mend
from shared.errors import NotAFeed
from shared.web.body import unpacked
from shared.web.client import MAX_BYTES, Fetched

MOST: Final = 1000  # the newest by date; Google lets a news sitemap hold as many
MOST_TAGS: Final = 2_000_000  # angle brackets: 50,000 addresses in a dozen languages
ROOTS: Final = ("urlset", "sitemapindex")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that a sitemap lists, a page or another sitemap; `changed` is when it says that it changed."""

    url: str
    changed: Dated | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap says, the newest first, what has no date last. A news sitemap has no `pages`."""

    entries: tuple[ParsedEntry, ...] = ()
    pages: tuple[Listed, ...] = ()
    sitemaps: tuple[Listed, ...] = ()


def parse_sitemap(
    fetched: Fetched, zone: tzinfo, languages: Sequence[str] = (), within: str = "", most: int = MOST
) -> Sitemap:
    """What is in an answer, up to `most` of each. Raises NotAFeed for what is no sitemap.

    Of several languages those of the source are taken, of the versions of one page the first of them. `within` is
    what an address begins with that counts.
    """
    text = decode(unpacked(fetched.body, MAX_BYTES, fetched.url), fetched.content_type)
    markup = mend(text, MOST_TAGS)
    if markup.root not in ROOTS:
        raise NotAFeed(looks_like(text) if markup.root == "html" else f"this is <{markup.root}>, not a sitemap")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    root = etree.fromstring(markup.text.encode("utf-8", "replace"), parser)
    if root is None:
        return Sitemap()
    if markup.root == "sitemapindex":
        return Sitemap(sitemaps=newest(_listed(root.findall("{*}sitemap"), fetched.url, zone, most), most))
    wanted = [url for url in root.findall("{*}url") if _wanted(url, fetched.url, languages, within)]
    news = any(url.find("{*}news/{*}title") is not None for url in root.findall("{*}url"))
    if news:
        return Sitemap(entries=_newest_entries(_entries(wanted, fetched.url, zone, languages), most))
    return Sitemap(pages=newest(_listed(wanted, fetched.url, zone, most), most))


def newest(listed: Iterable[Listed], most: int = MOST) -> tuple[Listed, ...]:
    """The newest addresses first, each once; of those without a date the last listed first."""
    return _latest({each.url: each for each in listed}.values(), lambda each: each.changed, most)


def is_within(url: str, within: str) -> bool:
    """Whether an address begins so, be it http or https."""
    return url.partition("://")[2].startswith(within.partition("://")[2])


def _newest_entries(entries: Iterable[ParsedEntry], most: int) -> tuple[ParsedEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.published or _NEVER, reverse=True))[:most]


def _listed(elements: Iterable[etree._Element], base: str, zone: tzinfo, most: int) -> Iterator[Listed]:
    dated = ((element, read_date(_text(element, "{*}lastmod"), zone)) for element in elements)
    for element, changed in _latest(dated, lambda pair: pair[1], most):
        if url := link(_text(element, "{*}loc"), base):
            yield Listed(url, changed)


_Each = TypeVar("_Each")


def _latest(these: Iterable[_Each], changed: Callable[[_Each], Dated | None], most: int) -> tuple[_Each, ...]:
    dated = [(found.moment if (found := changed(each)) else _NEVER, each) for each in these]
    dated.sort(key=lambda pair: pair[0])  # stable: of like ones the last listed comes first, once reversed
    return tuple(each for _, each in reversed(dated))[:most]


def _entries(
    elements: Iterable[etree._Element], base: str, zone: tzinfo, languages: Sequence[str]
) -> Iterator[ParsedEntry]:
    for url in elements:
        title = one_line(_text(url, "{*}news/{*}title"))
        language = primary_subtag(_text(url, "{*}news/{*}publication/{*}language"))
        if not title or (languages and language and language not in languages):
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
            language=language,
            categories=names(_text(url, "{*}news/{*}keywords").split(",")),
        )


def _wanted(element: etree._Element, base: str, languages: Sequence[str], within: str) -> bool:
    if not is_within(_text(element, "{*}loc"), within):
        return False
    versions = _versions(element, base) if languages else {}
    if not versions:
        return True
    url = link(_text(element, "{*}loc"), base)
    best = next((versions[language] for language in languages if language in versions), None)
    return url == best if best is not None else url not in versions.values()


def _versions(element: etree._Element, base: str) -> Mapping[str, str]:
    """Language -> address of the page in it, as `<xhtml:link hreflang>` says."""
    found: dict[str, str] = {}
    for alternate in element.findall("{http://www.w3.org/1999/xhtml}link"):
        language, url = primary_subtag(alternate.get("hreflang")), link(alternate.get("href"), base)
        if language and url:  # `x-default` is no language
            found.setdefault(language, url)
    return found


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
