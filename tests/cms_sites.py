"""Whole sites on a real local server, one for each publishing system: page, feed, robots.txt as it writes them.

The pages are those of `tests/sites/`; heads, feeds and addresses follow each system's documented output. Bodies,
words and dates are invented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tests.servers import FeedServer

PAGES: Final = Path(__file__).parent / "sites"
GERMAN: Final = (
    ("energiespeicher", "Energiespeicher für das Quartier geht in Betrieb", datetime(2026, 11, 12, 9, tzinfo=UTC)),
    ("labor", "Gemeinsames Labor für sichere Sprachmodelle gegründet", datetime(2026, 11, 10, 9, tzinfo=UTC)),
    ("professur", "Neue Professur für Robotik in der Pflege besetzt", datetime(2026, 11, 6, 9, tzinfo=UTC)),
)
FRENCH: Final = (
    ("article300", "Un jumeau numérique pour le réseau de chaleur", datetime(2026, 11, 12, 9, tzinfo=UTC)),
    ("article301", "Le laboratoire commun choisit ses premiers projets", datetime(2026, 11, 9, 9, tzinfo=UTC)),
    ("article302", "Une chaire consacrée aux données ouvertes", datetime(2026, 11, 1, 9, tzinfo=UTC)),
)
Entry = tuple[str, str, datetime]


@dataclass(frozen=True)
class Route:
    """How a site is to be read: `path` of the document, what kind it is, whether its server answers 304."""

    kind: str
    path: str
    conditional: bool = True
    language: str = "de"


def page(name: str, head: str = "", foot: str = "") -> str:
    """A saved page with more in its head, and at its foot."""
    html = (PAGES / f"{name}.html").read_text("utf-8")
    return html.replace("<title>", f"{head}<title>").replace("</body>", f"<footer>{foot}</footer></body>")


def serve_page(site: FeedServer, path: str, html: str) -> str:
    return site.serve(path, html, content_type="text/html; charset=utf-8")


def serve_robots(site: FeedServer, text: str) -> None:
    site.serve("/robots.txt", text, content_type="text/plain")


def wordpress(site: FeedServer) -> tuple[str, Route]:
    """The theme declares the feed and the one of the comments; a category has a feed of its own."""
    base = site.url("")
    links = (
        f'<meta name="generator" content="WordPress 6.8.12">'
        f'<link rel="alternate" type="application/rss+xml" title="Haus &raquo; Kommentar-Feed" '
        f'href="{base}/comments/feed/" />'
        f'<link rel="alternate" type="application/rss+xml" title="Haus &raquo; Feed" href="{base}/feed/" />'
    )
    serve_robots(
        site,
        "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n"
        f"Sitemap: {base}/wp-sitemap.xml\n",
    )
    extra = "<sy:updatePeriod>hourly</sy:updatePeriod><generator>https://wordpress.org/?v=6.8.12</generator>"
    comment = rss(site, "Kommentare für Haus", GERMAN[:1], extra)
    site.serve("/comments/feed/", comment, content_type="application/rss+xml; charset=UTF-8")
    site.serve("/feed/", rss(site, "Haus", GERMAN, extra), content_type="application/rss+xml; charset=UTF-8")
    return serve_page(site, "/category/presse/", page("wordpress", links)), Route("feed", "/feed/")


def typo3(site: FeedServer) -> tuple[str, Route]:
    """EXT:news: the feed is the page with another type number, and nothing on the page names it."""
    serve_robots(site, "User-agent: *\nDisallow: /typo3/\n")
    feed = rss(site, "Aktuelles", GERMAN, "<generator>TYPO3 EXT:news</generator>", permalink=False)
    site.serve("/aktuelles/?type=9818", feed, content_type="application/rss+xml; charset=utf-8")
    head = '<meta name="generator" content="TYPO3 CMS">'
    return serve_page(site, "/aktuelles/", page("typo3", head)), Route("feed", "/aktuelles/?type=9818")


FEED_OF_GSB: Final = "/SiteGlobals/Functions/RSSFeed/DE/Pressemitteilungen/RSSPressemitteilungen.xml?nn=4711"


def government_site_builder(site: FeedServer) -> tuple[str, Route]:
    """The foot of the page leads to a page about the feeds, and only that one knows their numbers."""
    serve_robots(site, "User-agent: *\nCrawl-delay: 1\nDisallow: /SiteGlobals/Forms/\n")
    site.serve(FEED_OF_GSB, rss(site, "Pressemitteilungen", GERMAN), content_type="text/xml;charset=utf-8")
    links = f'<p>Abonnieren Sie:</p><a class="RSS" href="{FEED_OF_GSB}">Pressemitteilungen (RSS)</a>'
    serve_page(site, "/DE/Service/RSS/rss_node.html", f"<html lang='de'><title>RSS</title><body>{links}</body>")
    foot = '<a href="DE/Service/RSS/rss_node.html">RSS-Newsfeed</a>'
    url = serve_page(site, "/DE/Presse/presse_node.html", page("government_site_builder", foot=foot))
    return url, Route("feed", FEED_OF_GSB)


def government_site_builder_that_forbids(site: FeedServer) -> tuple[str, Route]:
    """As above, but robots.txt forbids what the feeds lie in: then the page's own entries are read."""
    url, _ = government_site_builder(site)
    serve_robots(site, "User-agent: *\nDisallow: /SiteGlobals/\n")
    return url, Route("listing", "/DE/Presse/presse_node.html")


def drupal(site: FeedServer) -> tuple[str, Route]:
    """A site in several languages, with a feed below each language's path."""
    serve_robots(site, "User-agent: *\nDisallow: /core/\nDisallow: /admin/\n")
    feed = rss(site, "Actualités", FRENCH, creator=True)
    site.serve("/fr/rss.xml", feed, content_type="application/rss+xml; charset=utf-8")
    head = '<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" />'
    return serve_page(site, "/fr/actualites", page("drupal", head)), Route("feed", "/fr/rss.xml", language="fr")


def spip(site: FeedServer) -> tuple[str, Route]:
    """The skeleton declares the feed of the whole site; Last-Modified is always now, and there is no 304."""
    serve_robots(site, "User-agent: *\nDisallow: /ecrire/\n")
    site.serve(
        "/spip.php?page=backend",
        rss(site, "Laboratoire", FRENCH, "<generator>SPIP - www.spip.net</generator>", creator=True),
        content_type="text/xml; charset=utf-8",
        etag=False,
        headers={"Last-Modified": format_datetime(datetime.now(UTC), usegmt=True)},
    )
    head = (
        '<meta name="generator" content="SPIP 4.4.30" /><link rel="alternate" type="application/rss+xml" '
        'title="Syndiquer tout le site" href="spip.php?page=backend" />'
    )
    url = serve_page(site, "/spip.php?rubrique5", page("spip", head))
    return url, Route("feed", "/spip.php?page=backend", conditional=False, language="fr")


def plone(site: FeedServer) -> tuple[str, Route]:
    """A collection; syndication is off unless somebody switches it on, so that the page itself is read."""
    serve_robots(site, "User-agent: *\nDisallow: /search\n")
    head = '<meta name="generator" content="Plone - https://plone.org/">'
    return serve_page(site, "/de/news", page("plone", head)), Route("listing", "/de/news")


def plone_with_syndication(site: FeedServer) -> tuple[str, Route]:
    """Items without a link, whose guid is the address; no validators."""
    url, _ = plone(site)
    items = "".join(
        f"<item><title>{title}</title><description/><guid>{site.url('/de/news/')}{name}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for name, title, at in GERMAN
    )
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Nachrichten</title>{items}'
    site.serve("/de/news/rss.xml", f"{body}</channel></rss>", content_type="application/atom+xml", etag=False)
    return url, Route("feed", "/de/news/rss.xml", conditional=False)


def hand_made(site: FeedServer) -> tuple[str, Route]:
    """Headings and paragraphs without classes, no feed, no robots.txt."""
    return serve_page(site, "/news.html", page("flat_headings")), Route("listing", "/news.html")


def publisher(site: FeedServer) -> tuple[str, Route]:
    """A page that a script fills, with a news sitemap that robots.txt names."""
    serve_robots(site, f"User-agent: *\nAllow: /\nSitemap: {site.url('/sitemaps/news.xml')}\n")
    urls = "".join(
        f"<url><loc>{site.url('/news/')}{name}</loc><news:news><news:publication><news:name>Haus</news:name>"
        f"<news:language>de</news:language></news:publication><news:publication_date>{at:%Y-%m-%dT%H:%M:%SZ}"
        f"</news:publication_date><news:title>{title}</news:title></news:news></url>"
        for name, title, at in GERMAN
    )
    site.serve("/sitemaps/news.xml", _urlset(urls), content_type="application/xml")
    return serve_page(site, "/news/", page("script_filled")), Route("sitemap", "/sitemaps/news.xml")


def publisher_with_a_plain_sitemap(site: FeedServer) -> tuple[str, Route]:
    """As above, but its sitemap only says when pages changed: they say the rest themselves."""
    for name, title, at in GERMAN:
        head = f'<meta property="article:published_time" content="{at:%Y-%m-%dT%H:%M:%SZ}">'
        serve_page(
            site, f"/news/{name}", f"<html lang='de'>{head}<title>{title}</title><main><h1>{title}</h1></main>"
        )
    serve_page(site, "/impressum", "<html lang='de'><title>Impressum</title><h1>Impressum</h1>")
    names = (*(f"/news/{name}" for name, *_ in GERMAN), "/impressum")
    urls = "".join(f"<url><loc>{site.url(name)}</loc><lastmod>2026-11-20</lastmod></url>" for name in names)
    site.serve("/sitemap.xml", _urlset(urls), content_type="application/xml")
    return serve_page(site, "/news/", page("script_filled")), Route("sitemap", "/sitemap.xml")


SITES: Final[Mapping[str, Callable[[FeedServer], tuple[str, Route]]]] = {
    made.__name__: made
    for made in (
        wordpress,
        typo3,
        government_site_builder,
        government_site_builder_that_forbids,
        drupal,
        spip,
        plone,
        plone_with_syndication,
        hand_made,
        publisher,
        publisher_with_a_plain_sitemap,
    )
}


def rss(
    site: FeedServer,
    title: str,
    entries: tuple[Entry, ...],
    extra: str = "",
    *,
    permalink: bool = True,
    creator: bool = False,
) -> str:
    """RSS 2.0 as these systems write it."""
    items = "".join(
        _item(site.url(f"/{slug}"), name, at, "" if permalink else f"news-{number}", creator=creator)
        for number, (slug, name, at) in enumerate(entries, 900)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{title}</title><link>{site.url('/')}</link><description/>{extra}{items}</channel></rss>"
    )


def _item(url: str, title: str, at: datetime, guid: str, *, creator: bool) -> str:
    named = f'<guid isPermaLink="false">{guid}</guid>' if guid else f'<guid isPermaLink="true">{url}</guid>'
    dated = f"<pubDate>{format_datetime(at)}</pubDate>"
    if creator:
        dated = f"<dc:date>{at:%Y-%m-%dT%H:%M:%SZ}</dc:date><dc:creator>La rédaction</dc:creator>"
    text = f"<description>{escape('<p>Worum es geht.</p>')}</description>"
    return f"<item><title>{escape(title)}</title><link>{url}</link>{named}{dated}{text}</item>"


def _urlset(urls: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )
