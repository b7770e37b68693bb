"""Sources that are no feeds: listing pages, news sitemaps; and pages that name the feeds of a site."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.collector.dates import zone_of
from services.collector.discover import discover
from services.collector.entries import ParsedFeed
from services.collector.listing import parse_listing
from services.collector.probe import Probe, described, probe
from services.collector.robots import Robots
from services.collector.sitemap import parse_sitemap
from shared.errors import NotAFeed, Trouble
from shared.sources.catalogue import ListingRules
from shared.web.client import Fetched, WebClient
from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import SETTINGS, Bench

PAGE = """<!doctype html><html lang="de-DE"><head><base href="https://www.example.org/presse/"></head><body><ul>
<li class="meldung"><a href="2026/03/12_netz">Neues   Netz</a><time datetime="2026-03-12T10:00">12.3.</time>
<p>Kurz.</p></li>
<li class="meldung"><a href="/presse/alt">Altes Netz</a><time>2. März 2026</time></li>
<li class="meldung">Ohne Link</li></ul></body></html>"""
RULES = ListingRules("li.meldung", date="time", summary="p")


def fetched(body: str, url: str = "https://www.example.org/x") -> Fetched:
    return Fetched(url, 200, body.encode(), content_type="text/html; charset=utf-8")


def listing(rules: ListingRules, body: str = PAGE) -> ParsedFeed:
    return parse_listing(fetched(body), rules, zone_of("DE"))


def test_a_listing_is_read_by_its_selectors() -> None:
    feed = listing(RULES)
    first, second = feed.entries
    assert (feed.format, feed.language) == ("listing", "de")
    assert (first.title, first.summary) == ("Neues Netz", "Kurz.")
    assert first.url == "https://www.example.org/presse/2026/03/12_netz"
    assert first.published == datetime(2026, 3, 12, 9, tzinfo=UTC)
    assert (second.published, second.published_raw) == (datetime(2026, 3, 2, tzinfo=UTC), "2. März 2026")


def test_a_date_may_stand_in_the_address() -> None:
    rules = ListingRules("li", url_date=r"/(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)_")
    assert [entry.published is not None for entry in listing(rules).entries] == [True, False]


@pytest.mark.parametrize(
    ("rules", "body", "said"),
    [
        (ListingRules("div.weg"), PAGE, "finds no entry"),
        (ListingRules("li", date="span"), PAGE, "no entry of the page has a date"),
        (ListingRules("li[["), PAGE, "is wrong"),
        (RULES, "", "no HTML page"),
    ],
)
def test_a_listing_that_was_rebuilt_is_broken_and_not_quiet(rules: ListingRules, body: str, said: str) -> None:
    with pytest.raises(NotAFeed, match=said):
        listing(rules, body)


SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.example.org/a?utm_source=x</loc>
<news:news><news:publication><news:name>x</news:name><news:language>fr</news:language></news:publication>
<news:publication_date>2026-03-12T10:00:00+01:00</news:publication_date>
<news:title>L&apos;énergie &amp; nous</news:title>
</news:news></url><url><loc>https://www.example.org/impressum</loc></url></urlset>"""


def test_a_news_sitemap_gives_the_addresses_that_have_a_title() -> None:
    (entry,) = parse_sitemap(fetched(SITEMAP), zone_of("FR")).entries
    assert (entry.url, entry.title, entry.language) == ("https://www.example.org/a", "L'énergie & nous", "fr")
    assert entry.published == datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize("body", ["<rss/>", "<html>x</html>", "", "{}"])
def test_what_is_no_sitemap_is_an_error(body: str) -> None:
    with pytest.raises(NotAFeed):
        parse_sitemap(fetched(body), zone_of("FR"))


def test_a_page_names_its_feeds_the_declared_ones_first() -> None:
    page = """<head><link rel="stylesheet" href="x.css">
    <link rel="alternate" type="application/atom+xml; charset=utf-8" title="Alle" href="/atom.xml">
    <link rel="alternate" hreflang="fr" href="/fr"></head>
    <a href="/rss/presse.xml">Presse</a> <a href="/abo">RSS-Feed</a> <a href="/kontakt">Kontakt</a>"""
    found = [(feed.url, feed.declared) for feed in discover(fetched(page))]
    assert found == [
        ("https://www.example.org/atom.xml", True),
        ("https://www.example.org/rss/presse.xml", False),
        ("https://www.example.org/abo", False),
    ]


def test_a_probe_says_what_is_there(bench: Bench) -> None:
    web = WebClient(SETTINGS, bench.clock)
    robots = Robots(web, bench.clock)
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /zu", content_type="text/plain")
    url = bench.site.serve("/feed.xml", rss([Entry("eins", "Titel", "Text", bench.clock.now())]))
    found = probe(web, robots, url)
    assert (found.ok, found.format, found.entries, found.newest) == (True, "rss20", 1, bench.clock.now())
    assert (found.robots, found.conditional, found.status) == ("allowed", True, 200)
    closed = probe(web, robots, bench.site.serve("/zu.xml", rss([])))
    assert (closed.ok, closed.robots) == (False, "forbidden")
    page = probe(
        web, robots, bench.site.serve("/", '<html><link rel=alternate type="application/rss+xml" href="f">')
    )
    assert (page.ok, [feed.url for feed in page.feeds]) == (False, [bench.site.url("/f")])
    assert probe(web, robots, "http://10.0.0.1/").ok is False


def test_a_page_waits_for_a_robots_txt_that_cannot_be_read_and_a_feed_does_not() -> None:
    unread = Probe("https://www.example.org/presse", ok=False, robots="unreadable")
    page = described(unread, listing(RULES))
    assert (page.ok, page.trouble, page.kept_out) == (False, Trouble.CONNECT, True)
    assert described(unread, replace(listing(RULES), format="rss20")).ok


def test_a_probe_refuses_a_feed_that_links_nowhere(bench: Bench) -> None:
    web = WebClient(SETTINGS, bench.clock)
    body = b'<rss version="2.0"><channel><title>x</title><item><title>y</title></item></channel></rss>'
    found = probe(web, Robots(web, bench.clock), bench.site.serve("/feed.xml", body))
    assert not found.ok
    assert "link" in (found.problem or "")
