"""Sites that go back in time, as publishing software serves them: pages of listings, feeds and sitemaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final

from tests.pipeline.feeds import Entry, rss
from tests.servers import FeedServer

HTML: Final = "text/html; charset=utf-8"
SUBJECTS: Final = (
    "Labor für sichere Sprachmodelle eröffnet", "Speicher für das Quartier übergeben",
    "Professur für Robotik besetzt", "Studie über offene Software erschienen",
    "Rechenzeit für den Mittelstand ausgeschrieben", "Fachtag zur Sicherheit in Krankenhäusern",
    "Kleine Modelle im Lager getestet", "Delegation besucht das Testfeld",
    "Wasserstoff aus dem Reallabor geliefert", "Leitfaden für Behörden veröffentlicht",
)  # fmt: skip


@dataclass(frozen=True)
class Release:
    """A publication of the site."""

    number: int
    title: str
    at: datetime

    @property
    def path(self) -> str:
        return f"/presse/meldung-{self.number}"


def releases(newest: datetime, count: int, apart: timedelta = timedelta(days=5)) -> tuple[Release, ...]:
    """`count` releases, the newest first, each so much older than the one before."""
    return tuple(
        Release(count - n, f"{SUBJECTS[(count - n) % len(SUBJECTS)]} ({count - n})", newest - n * apart)
        for n in range(count)
    )


def listing(shown: Sequence[Release], paging: str, *, dated: bool = True) -> str:
    """A page of a listing, with what its software puts under it."""
    cards = "".join(
        f'<li class="teaser"><h3><a href="{one.path}">{escape(one.title)}</a></h3>'
        + (f'<time datetime="{one.at:%Y-%m-%d}">{one.at:%d.%m.%Y}</time>' if dated else "")
        + f"<p>Das Institut berichtet über Vorhaben {one.number} und seine Folgen für die Region.</p></li>"
        for one in shown
    )
    menu = "".join(f'<li><a href="/{name}/">{name}</a></li>' for name in ("forschung", "lehre", "kontakt"))
    return (
        '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Presse</title></head><body>'
        f'<nav><ul>{menu}</ul></nav><main><h1>Pressemitteilungen</h1><ul class="list">{cards}</ul>{paging}</main>'
        '<footer><a href="/impressum/">Impressum</a></footer></body></html>'
    )


# number of the page, of how many -> address of a page, and the paging under it
Paging = Callable[[int, int], str]


def wordpress(page: int, pages: int) -> str:
    numbers = _numbers(page, pages, lambda n: f'<a class="page-numbers" href="/presse/page/{n}/">{n}</a>')
    onward = (
        f'<a class="next page-numbers" href="/presse/page/{page + 1}/">Nächste Seite</a>' if page < pages else ""
    )
    return f'<nav class="pagination"><div class="nav-links">{numbers}{onward}</div></nav>'


def typo3(page: int, pages: int) -> str:
    def address(n: int) -> str:
        return f"/presse?tx_news_pi1%5BcurrentPage%5D={n}&amp;cHash=abc{n:029x}"

    numbers = _numbers(page, pages, lambda n: f'<li><a href="{address(n)}">{n}</a></li>')
    onward = f'<li class="next"><a href="{address(page + 1)}">›</a></li>' if page < pages else ""
    return f'<ul class="f3-widget-paginator">{numbers}{onward}</ul>'


def drupal(page: int, pages: int) -> str:
    onward = (
        f'<li class="pager__item pager__item--next"><a href="?page={page}" title="Zur nächsten Seite" rel="next">'
        '<span class="visually-hidden">Nächste Seite</span><span aria-hidden="true">››</span></a></li>'
        f'<li class="pager__item pager__item--last"><a href="?page={pages - 1}">Letzte »</a></li>'
    )
    return f'<nav class="pager"><ul class="pager__items">{onward if page < pages else ""}</ul></nav>'


def government_site_builder(page: int, pages: int) -> str:
    numbers = _numbers(page, pages, lambda n: f'<li><a href="/presse?gtp=16_list%253D{n}">{n}</a></li>')
    return f'<div class="c-nav-index"><ul>{numbers}</ul></div>'


def spip(page: int, pages: int) -> str:
    offsets = "".join(
        f'<a href="/presse?debut_articles={10 * n}#pagination_articles" class="lien_pagination">{10 * n}</a> | '
        for n in range(pages)
        if n != page - 1
    )
    return f'<p class="pagination">{offsets}<strong class="on">{10 * (page - 1)}</strong></p>'


def plone(page: int, pages: int) -> str:
    onward = f'<li class="next"><a href="/presse?b_start:int={20 * page}">Nächste 20 Inhalte »</a></li>'
    return f'<nav class="pagination"><ul>{onward if page < pages else ""}</ul></nav>'


def _numbers(page: int, pages: int, link: Callable[[int], str]) -> str:
    return "".join(link(n) if n != page else f"<span>{n}</span>" for n in range(1, pages + 1))


ADDRESSES: Final[dict[str, tuple[Paging, Callable[[int], str]]]] = {
    "wordpress": (wordpress, lambda n: f"/presse/page/{n}/"),
    "typo3": (typo3, lambda n: f"/presse?tx_news_pi1%5BcurrentPage%5D={n}&cHash=abc{n:029x}"),
    "drupal": (drupal, lambda n: f"/presse?page={n - 1}"),
    "government site builder": (government_site_builder, lambda n: f"/presse?gtp=16_list%253D{n}"),
    "spip": (spip, lambda n: f"/presse?debut_articles={10 * (n - 1)}"),
    "plone": (plone, lambda n: f"/presse?b_start:int={20 * (n - 1)}"),
}


def serve_listing(
    site: FeedServer, software: str, every: Sequence[Release], each: int, *, dated: bool = True
) -> str:
    """Serve a listing of `each` entries a page; the address of its first page."""
    paging, address = ADDRESSES[software]
    pages = -(-len(every) // each)
    for page in range(1, pages + 1):
        body = listing(every[(page - 1) * each : page * each], paging(page, pages), dated=dated)
        site.serve("/presse" if page == 1 else address(page), body, content_type=HTML)
    return "/presse"


def serve_feed(site: FeedServer, every: Sequence[Release], each: int, onward: Callable[[int], str]) -> str:
    """Serve a feed in parts of `each` entries; `onward` is what the channel of part `n` says of the next."""
    parts = -(-len(every) // each)
    for part in range(1, parts + 1):
        shown = every[(part - 1) * each : part * each]
        entries = [Entry(one.path[1:], one.title, f"Text {one.number}.", one.at) for one in shown]
        more = onward(part) if part < parts else onward(0)
        body = rss(entries, site=site.url()[:-1]).replace(b"<language>", more.encode() + b"<language>")
        site.serve("/feed/" if part == 1 else f"/feed/?paged={part}", body)
    return "/feed/"


def article(one: Release) -> str:
    """The page of a release, which says its title and date."""
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{escape(one.title)}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(one.title)}">'
        f'<meta property="article:published_time" content="{one.at.isoformat()}"></head><body><main><article>'
        f"<h1>{escape(one.title)}</h1><p>Text von {escape(one.title)}.</p></article></main></body></html>"
    )


def serve_sitemaps(site: FeedServer, every: Sequence[Release], each: int) -> str:
    """Serve an index of plain sitemaps with `each` pages, and the pages."""
    parts = [every[at : at + each] for at in range(0, len(every), each)]
    index = "".join(
        f"<sitemap><loc>{site.url(f'/sitemap-{n}.xml')}</loc><lastmod>{part[0].at.isoformat()}</lastmod></sitemap>"
        for n, part in enumerate(parts)
    )
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    site.serve("/sitemap.xml", f"<sitemapindex {space}>{index}</sitemapindex>", content_type="text/xml")
    for n, part in enumerate(parts):
        urls = "".join(
            f"<url><loc>{site.url(one.path)}</loc><lastmod>{one.at.isoformat()}</lastmod></url>" for one in part
        )
        site.serve(f"/sitemap-{n}.xml", f"<urlset {space}>{urls}</urlset>", content_type="text/xml")
    for one in every:
        site.serve(one.path, article(one), content_type=HTML)
    return "/sitemap.xml"
