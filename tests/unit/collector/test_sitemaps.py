"""Sitemaps as sources: news, an index of several levels, plain ones whose pages say what they are."""

import gzip
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.collector.dates import zone_of
from services.collector.entries import ParsedFeed
from services.collector.page import page_entry
from services.collector.proof import before, proof_of
from services.collector.record import Polled, Status
from services.collector.robots import Robots
from services.collector.sitemap import MOST, parse_sitemap
from services.collector.sitemaps import MOST_PAGES, Sitemaps
from shared.clock import rfc3339
from shared.errors import BadInput
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.states import State
from shared.sources.tables import SourceRow
from shared.watched.rules import Proof
from shared.web.client import Fetched, WebClient
from tests.unit.collector.conftest import SETTINGS, Bench

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def urlset(*urls: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACES}>{"".join(urls)}</urlset>'


def index(*sitemaps: tuple[str, str]) -> str:
    inner = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{at}</lastmod></sitemap>" for loc, at in sitemaps)
    return f'<?xml version="1.0"?><sitemapindex {NAMESPACES}>{inner}</sitemapindex>'


def news(loc: str, title: str, at: str, language: str = "de") -> str:
    return (
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>Haus</news:name><news:language>{language}"
        f"</news:language></news:publication><news:publication_date>{at}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
    )


def plain(loc: str, at: str = "", *versions: tuple[str, str]) -> str:
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{lang}" href="{url}"/>' for lang, url in versions)
    return f"<url><loc>{loc}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}{links}</url>"


def article(title: str, at: datetime | None) -> str:
    data = f'"datePublished": "{rfc3339(at)}", ' if at else ""
    return (
        f'<html lang="de"><head><title>{title} | Haus</title><script type="application/ld+json">'
        f'{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite", "name": "Haus"}}, '
        f'{{"@type": "NewsArticle", "headline": "{title}", {data}"description": "Worum es geht."}}]}}</script>'
        f"</head><body><main><h1>{title}</h1><p>Text.</p></main></body></html>"
    )


def read(body: str | bytes, languages: Iterable[str] = (), within: str = "") -> list[str]:
    document = body if isinstance(body, bytes) else body.encode()
    found = parse_sitemap(
        Fetched("https://h.example.org/s.xml", 200, document), zone_of("DE"), [*languages], within
    )
    return [entry.title for entry in found.entries] or [page.url for page in found.pages or found.sitemaps]


def test_the_newest_are_taken_and_not_the_first() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    urls = [
        news(f"https://h.example.org/{n}", f"Nr. {n}", f"{day + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}")
        for n in range(MOST + 200)
    ]
    found = read(urlset(*urls))
    assert (len(found), found[0], found[-1]) == (MOST, f"Nr. {MOST + 199}", "Nr. 200")


def test_pages_too_are_taken_by_date_and_undated_ones_last() -> None:
    dated = [plain(f"https://h.example.org/{n}", f"2026-11-{n:02}") for n in (3, 20, 1, 9)]
    undated = plain("https://h.example.org/x")
    found = read(urlset(dated[0], undated, *dated[1:]))
    assert [url.rpartition("/")[2] for url in found] == ["20", "9", "3", "1", "x"]


def test_a_large_sitemap_is_read() -> None:
    urls = [plain(f"https://h.example.org/{n}", f"20{n % 20:02}-03-01") for n in range(45_000)]
    body = gzip.compress(urlset(*urls).encode())
    assert len(read(body)) == MOST


def test_old_addresses_without_news_tags_are_no_news() -> None:
    page = plain("https://h.example.org/impressum", "2026-11-01")
    assert read(urlset(page, news("https://h.example.org/a", "Neu", "2026-11-02"))) == ["Neu"]


def test_of_several_languages_the_source_s_own_are_taken() -> None:
    both = (
        news("https://h.example.org/de", "Deutsch", "2026-11-02"),
        news("https://h.example.org/fr", "Français", "2026-11-02", "fr"),
    )
    assert read(urlset(*both), ["fr"]) == ["Français"]
    assert read(urlset(*both)) == ["Deutsch", "Français"]


def test_of_the_versions_of_a_page_the_source_s_first_language_is_taken() -> None:
    de, en, fr = (f"https://h.example.org/{language}/a" for language in ("de", "en", "fr"))
    versions = (("de-DE", de), ("en", en), ("x-default", en), ("fr", fr))
    pages = urlset(*(plain(url, "2026-11-02", *versions) for url in (en, de, fr)))
    assert read(pages, ["de", "en"]) == [de]
    assert read(pages, ["en"]) == [en]
    assert read(pages, ["it"]) == []
    assert len(read(pages)) == 3


def test_only_what_lies_within_counts() -> None:
    pages = urlset(plain("https://h.example.org/presse/a"), plain("https://h.example.org/kontakt"))
    assert read(pages, within="http://h.example.org/presse/") == ["https://h.example.org/presse/a"]


@pytest.mark.parametrize("body", [urlset(), "<urlset/>", index()])
def test_an_empty_sitemap_is_empty_and_not_failing(bench: Bench, body: str) -> None:
    bench.site.serve("/s.xml", body, content_type="application/xml")
    bench.add(path="/s.xml", kind="sitemap")
    assert bench.poll() is Status.READ
    assert bench.health().state == State.EMPTY


# ---- polled


def watch(bench: Bench, body: str, **keys: object) -> Status:
    bench.site.serve("/s.xml", body, content_type="application/xml")
    bench.add(path="/s.xml", kind="sitemap", **keys)
    return bench.poll()


def serve_pages(bench: Bench, numbers: Iterable[int]) -> list[str]:
    """Serve articles, the higher the newer, and give what a sitemap says of them."""
    listed = []
    for number in numbers:
        at = bench.clock.now() - timedelta(hours=100 - number)
        url = bench.site.serve(f"/presse/{number}", article(f"Nr. {number}", at), content_type="text/html")
        listed.append(plain(url, rfc3339(at) or ""))
    return listed


def test_an_index_is_followed_through_several_levels_to_gzipped_news(bench: Bench) -> None:
    now = rfc3339(bench.clock.now()) or ""
    body = urlset(news("https://h.example.org/a", "Neues vom Netz", now))
    site = bench.site
    leaf = site.serve("/news.xml.gz", gzip.compress(body.encode()), content_type="application/gzip")
    middle = site.serve("/de.xml", index((leaf, now)), content_type="application/xml")
    assert watch(bench, index((middle, now))) is Status.READ
    assert bench.live() == ["Neues vom Netz"]
    later = urlset(news("https://h.example.org/b", "Mehr vom Netz", now))
    site.serve("/news.xml.gz", gzip.compress(later.encode()), content_type="application/gzip")
    assert bench.poll() is Status.READ  # although the index is the same, byte for byte
    assert bench.live() == ["Neues vom Netz", "Mehr vom Netz"]


def test_an_index_that_names_itself_ends(bench: Bench) -> None:
    assert watch(bench, index((bench.site.url("/s.xml"), "2026-11-01"))) is Status.READ
    assert len(bench.site.asked("/s.xml")) < 10


def test_each_page_of_a_plain_sitemap_is_fetched_once_and_says_its_title_and_date(bench: Bench) -> None:
    listed = serve_pages(bench, (98, 99))
    imprint = bench.site.serve(
        "/impressum", "<title>Impressum</title><h1>Impressum</h1>", content_type="text/html"
    )
    gone = bench.site.url("/weg")
    body = urlset(*listed, plain(imprint, "2026-11-01"), plain(gone, "2026-10-01"))
    assert watch(bench, body) is Status.READ
    assert (bench.live(), bench.bulk()) == (["Nr. 98", "Nr. 99"], [])
    bench.poll()
    assert (bench.health().state, bench.health().items) == (State.OK, 2)
    bench.site.serve("/s.xml", urlset(*serve_pages(bench, (100,)), *listed), content_type="application/xml")
    bench.poll()
    assert bench.live() == ["Nr. 98", "Nr. 99", "Nr. 100"]
    for path in ("/presse/98", "/presse/99", "/presse/100", "/impressum", "/weg"):
        assert len(bench.site.asked(path)) == 1, path


def test_at_the_first_visit_what_is_old_is_taken_for_old(bench: Bench) -> None:
    listed = serve_pages(bench, range(100 - MOST_PAGES - 5, 100))
    assert watch(bench, urlset(*listed)) is Status.READ
    bench.poll()
    assert len(bench.live()) + len(bench.bulk()) == MOST_PAGES
    assert bench.health().held == 0
    assert bench.site.asked(f"/presse/{100 - MOST_PAGES - 5}") == []


def test_a_page_that_cannot_be_had_just_now_is_asked_for_again(bench: Bench) -> None:
    (listed,) = serve_pages(bench, (99,))
    url = bench.site.serve("/presse/98", "busy", status=503)
    body = urlset(listed, plain(url, "2026-11-01"))
    watch(bench, body)
    serve_pages(bench, (98,))
    bench.poll()
    assert sorted(bench.live() + bench.bulk()) == ["Nr. 98", "Nr. 99"]


def test_pages_that_robots_txt_forbids_are_not_fetched(bench: Bench) -> None:
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /presse/98\n", content_type="text/plain")
    watch(bench, urlset(*serve_pages(bench, (98, 99))))
    assert bench.live() == ["Nr. 99"]
    assert bench.site.asked("/presse/98") == []


def test_a_site_that_refuses_all_its_pages_is_blocked(bench: Bench) -> None:
    urls = [bench.site.serve(f"/presse/{n}", "no", status=403) for n in range(9)]
    assert watch(bench, urlset(*(plain(url, "2026-11-01") for url in urls))) is Status.FAILED
    assert bench.health().state == State.BLOCKED
    assert sum(len(bench.site.asked(f"/presse/{n}")) for n in range(9)) == 3


# ---- what a page says of itself

MADE = "https://h.example.org/x"


@pytest.mark.parametrize(
    ("page", "title", "day"),
    [
        (
            article("Neues vom Netz", datetime.fromisoformat("2026-11-20T10:00:00+00:00")),
            "Neues vom Netz",
            "2026-11-20",
        ),
        (
            '<meta property="og:title" content="Offenes &amp; Netz"><meta property="article:published_time" '
            'content="2026-11-20T10:00:00+01:00"><h1>x</h1>',
            "Offenes & Netz",
            "2026-11-20",
        ),
        ('<meta name="DC.date" content="2026-11-20"><title>Netz – Haus</title>', "Netz", "2026-11-20"),
        ("<main><h1>Netz</h1><time datetime='2026-11-20'>20.11.</time></main>", "Netz", "2026-11-20"),
        ("<article><h1>Netz</h1><time>20. November 2026</time></article>", "Netz", "2026-11-20"),
        ('<h1>Netz</h1><span itemprop="datePublished">20.11.2026</span>', "Netz", "2026-11-20"),
        ('<script type="application/ld+json">{"@type": [</script><h1>Netz</h1>', None, None),
        ("<title>Impressum</title><h1>Impressum</h1><p>Stand: 2026</p>", None, None),
    ],
)
def test_a_page_says_its_title_and_date(page: str, title: str | None, day: str | None) -> None:
    entry = page_entry(Fetched(MADE, 200, f"<html><body>{page}".encode()), MADE, None, zone_of("DE"))
    assert (entry and entry.title, entry and entry.published and f"{entry.published:%Y-%m-%d}") == (title, day)


def test_an_article_without_a_date_has_that_of_the_sitemap_and_another_page_none() -> None:
    changed = parse_sitemap(Fetched(MADE, 200, urlset(plain(MADE, "2026-11-19")).encode()), zone_of("DE")).pages[0]
    undated = Fetched(MADE, 200, article("Netz", None).encode())
    entry = page_entry(undated, MADE, changed.changed, zone_of("DE"))
    assert entry is not None
    assert entry.published_on == date(2026, 11, 19)
    assert page_entry(Fetched(MADE, 200, b"<h1>Kontakt</h1>"), MADE, changed.changed, zone_of("DE")) is None


@pytest.mark.parametrize(
    ("meta", "header", "summary"),
    [
        ("", "", "Worum es geht."),
        ('<meta name="robots" content="noindex, follow">', "", None),
        ("", "noindex", None),
        ('<meta name="robots" content="nosnippet">', "", ""),
        ('<meta name="tdm-reservation" content="1">', "", ""),
    ],
)
def test_what_the_publisher_reserves_is_left(meta: str, header: str, summary: str | None) -> None:
    page = article("Netz", datetime(2026, 11, 20, tzinfo=UTC)).replace("<head>", f"<head>{meta}")
    entry = page_entry(Fetched(MADE, 200, page.encode(), robots_tag=header), MADE, None, zone_of("DE"))
    assert (entry.summary if entry else None) == summary


def test_the_address_may_carry_the_date() -> None:
    url = "https://h.example.org/2026/11/20/netz"
    entry = page_entry(Fetched(url, 200, b"<h1>Netz</h1>"), url, None, zone_of("DE"))
    assert entry is not None
    assert entry.published_on == date(2026, 11, 20)


# ---- an index of many


def test_a_sitemap_that_did_not_change_is_left_alone_but_not_for_ever(bench: Bench) -> None:
    now, old = bench.clock.now(), bench.clock.now() - timedelta(days=30)
    site = bench.site
    child = site.serve("/2025.xml", urlset(plain(site.url("/weg"), rfc3339(old) or "")), content_type="text/xml")
    fresh = site.serve("/2026.xml", urlset(*serve_pages(bench, (99,))), content_type="application/xml")
    assert watch(bench, index((child, rfc3339(old) or ""), (fresh, rfc3339(now) or ""))) is Status.READ
    for _ in range(12):
        assert bench.poll() is Status.READ
    assert (len(site.asked("/2025.xml")), len(site.asked("/2026.xml"))) == (2, 13)
    assert bench.health().state == State.OK


def test_of_an_index_the_sitemaps_that_are_called_news_are_enough(bench: Bench) -> None:
    (listed,) = serve_pages(bench, (99,))
    site = bench.site
    posts = site.serve("/post-sitemap.xml", urlset(listed), content_type="application/xml")
    others = site.serve("/page-sitemap.xml", urlset(plain(site.url("/impressum"))), content_type="application/xml")
    watch(bench, index((others, "2026-11-01"), (posts, "2026-11-01")))
    assert bench.live() == ["Nr. 99"]
    assert site.asked("/page-sitemap.xml") == []


def test_what_was_not_read_is_said_so_that_nobody_takes_it_for_watched(bench: Bench) -> None:
    web = WebClient(SETTINGS, bench.clock)
    source = SourceConfig("haus", Kind.SITEMAP, bench.site.url("/s.xml"))

    def missed(*urls: str, most: int = MOST_PAGES) -> str:
        fetched = Fetched(source.url, 200, urlset(*urls).encode())
        reader = Sitemaps(web, Robots(web, bench.clock), most_pages=most)
        return reader.read(source, fetched, lambda _: frozenset(), first=False).missed

    listed = serve_pages(bench, (97, 98, 99))
    busy = plain(bench.site.serve("/presse/96", "busy", status=503), "2026-11-01")
    assert missed(*listed) == ""
    assert missed(*listed, busy) == "1 new pages were not read"
    assert missed(*listed, most=1) == "2 new pages were not read"
    row = SourceRow(id="haus", url=source.url, kind="sitemap")
    for words, proven in (("2 new pages were not read", False), ("", True)):
        polled = Polled(Status.READ, feed=ParsedFeed("sitemap", (), known=3, missed=words))
        proof = proof_of(row, polled, before(row), bench.clock.now())
        assert isinstance(proof, Proof) is proven


@given(some.binary(max_size=2000), some.sampled_from([b"", b"<urlset>", b"<sitemapindex>", b"\x1f\x8b"]))
def test_any_bytes_are_a_sitemap_or_an_error_in_words(body: bytes, start: bytes) -> None:
    with suppress(BadInput):
        parse_sitemap(Fetched(MADE, 200, start + body), zone_of("DE"), ["de"], MADE)


@given(some.binary(max_size=2000))
def test_any_bytes_are_a_publication_or_none(body: bytes) -> None:
    data = b'<html><script type="application/ld+json">'
    for page in (body, data + body, data + b'{"@type": "Article", "headline": ' + body):
        with suppress(BadInput):
            page_entry(Fetched(MADE, 200, page), MADE, None, zone_of("DE"))


def test_metadata_of_any_shape_is_no_error() -> None:
    odd = ("[]", "{}", "3", "null", '{"@type": {"a": 1}}', '{"@graph": [[], 3, {"@graph": "x"}]}', "[" * 5000)
    odd += ('{"@type": ["Article"], "headline": ["a"], "datePublished": {"b": 2}, "author": [3, {"name": 4}]}',)
    for data in odd:
        page = f'<script type="application/ld+json">{data}</script><h1>Netz</h1><time>20.11.2026</time>'
        entry = page_entry(Fetched(MADE, 200, page.encode()), MADE, None, zone_of("DE"))
        assert entry is not None
        assert entry.title == "Netz"
