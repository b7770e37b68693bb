"""`vigie sources add URL` on whole sites of the common publishing systems: it finds the way to read each."""

from contextlib import closing
from pathlib import Path

import pytest

from shared.sources.store import config_of, source_row
from shared.store import Store
from tests.cms_sites import GERMAN, SITES, page, rss, serve_page, serve_robots
from tests.servers import FeedServer
from tests.unit.cli.said import Vigie, reply


@pytest.mark.parametrize("name", SITES)
def test_the_way_to_read_a_site_is_found(vigie: Vigie, site: FeedServer, name: str) -> None:
    url, route = SITES[name](site)
    found = reply(vigie("sources", "probe", url, "--json"))
    assert (found["url"], found["ok"], found["robots"]) == (site.url(route.path), True, "allowed"), found
    assert (found["conditional"], found["language"]) == (route.conditional, route.language)
    assert found["entries"] >= 3
    assert found["newest"].startswith("2026-11-12")
    added = reply(vigie("sources", "add", url, "--yes", "--country", "DE", "--json"))
    assert (added["kind"], added["url"]) == (route.kind, site.url(route.path))
    shown = reply(vigie("sources", "show", added["id"], "--json"))
    assert (shown["kind"], shown["languages"], shown["state"]) == (route.kind, [route.language], "new")


def test_probe_saves_nothing_and_add_says_what_it_would_bring(vigie: Vigie, site: FeedServer) -> None:
    url, _ = SITES["drupal"](site)
    code, out, _ = vigie("sources", "probe", url)
    assert code == 0
    for said in (
        "a feed",
        "robots       allowed",
        "conditional  yes",
        "language     fr",
        "newest       12 November 2026",
    ):
        assert said in out
    assert "Un jumeau numérique pour le réseau de chaleur" in out
    assert reply(vigie("sources", "list", "--json")) == []
    code, _, err = vigie("sources", "add", url)  # nobody is there to accept another address than was given
    assert code == 1
    assert "Un jumeau numérique" in err


def test_what_robots_txt_forbids_is_not_even_tried(vigie: Vigie, site: FeedServer) -> None:
    url, _ = SITES["wordpress"](site)
    serve_robots(site, "User-agent: *\nDisallow: /feed/\n")
    found = reply(vigie("sources", "probe", url, "--json"))
    assert site.asked("/feed/") == []
    assert f"{site.url('/feed/')}: robots.txt forbids it" in found["tried"]


def test_an_accepted_page_keeps_the_shape_that_was_accepted(vigie: Vigie, site: FeedServer) -> None:
    url = serve_page(site, "/aktuelles/", page("weak"))
    added = reply(vigie("sources", "add", url, "--yes", "--json"))
    accepted = reply(vigie("sources", "show", added["id"], "--json"))["accepted"]
    assert (added["kind"], accepted["count"]) == ("listing", 8)


def test_of_several_feeds_that_of_what_the_page_lists_is_taken(vigie: Vigie, site: FeedServer) -> None:
    others = (("stelle", "Stellenausschreibung: Sachbearbeitung in Teilzeit", GERMAN[0][2]),)
    site.serve("/jobs.xml", rss(site, "Stellen", others))
    site.serve("/presse.xml", rss(site, "Presse", GERMAN))
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}.xml">' for name in ("jobs", "presse")
    )
    url = serve_page(site, "/aktuelles/", page("typo3", links))
    assert reply(vigie("sources", "probe", url, "--json"))["url"] == site.url("/presse.xml")


def test_a_feed_that_nothing_on_the_page_names_must_hold_what_the_page_lists(
    vigie: Vigie, site: FeedServer
) -> None:
    others = (("stelle", "Stellenausschreibung: Sachbearbeitung in Teilzeit", GERMAN[0][2]),)
    site.serve("/feed.xml", rss(site, "Stellen", others))
    url = serve_page(site, "/aktuelles/", page("typo3", '<meta name="generator" content="TYPO3 CMS">'))
    found = reply(vigie("sources", "probe", url, "--json"))
    assert (found["url"], found["format"]) == (url, "listing")


def test_a_feed_that_robots_txt_calls_a_sitemap_is_a_feed(vigie: Vigie, site: FeedServer) -> None:
    site.serve("/news.rss", rss(site, "Presse", GERMAN))
    serve_robots(site, f"User-agent: *\nSitemap: {site.url('/news.rss')}\n")
    url = serve_page(site, "/aktuelles/", page("script_filled"))
    assert reply(vigie("sources", "add", url, "--yes", "--json"))["kind"] == "feed"


def test_a_language_that_is_none_of_ours_is_no_mistake(vigie: Vigie, site: FeedServer) -> None:
    words = (
        "Nuovo laboratorio per le reti elettriche della regione",
        "La ricerca incontra le imprese del territorio",
    )
    entries = tuple((f"e{number}", title, GERMAN[0][2]) for number, title in enumerate(words))
    added = reply(vigie("sources", "add", site.serve("/feed.xml", rss(site, "Notizie", entries)), "--json"))
    assert reply(vigie("sources", "show", added["id"], "--json"))["languages"] == []


def test_where_a_feed_was_found_is_where_another_one_is_looked_for_later(vigie: Vigie, site: FeedServer) -> None:
    url, _ = SITES["plone_with_syndication"](site)
    added = reply(vigie("sources", "add", url, "--yes", "--json"))
    shown = reply(vigie("sources", "show", added["id"], "--json"))
    assert (shown["url"], shown["homepage"]) == (site.url("/de/news/rss.xml"), url)


def test_a_search_for_a_route_is_bounded(vigie: Vigie, site: FeedServer) -> None:
    links = "".join(f'<a href="rss/{number}/">RSS {number}</a>' for number in range(200))
    site.serve("*", f"<html><title>Alles</title>{links}", content_type="text/html")
    serve_robots(site, "".join(f"Sitemap: {site.url(f'/news-{number}.xml')}\n" for number in range(200)))
    code, _, err = vigie("sources", "add", site.url("/"), "--yes")
    assert code == 1
    assert "is not added" in err
    assert len(site.requests) <= 28


def test_a_sitemap_is_added_with_what_lies_within(vigie: Vigie, site: FeedServer) -> None:
    url, _ = SITES["publisher_with_a_plain_sitemap"](site)
    added = reply(vigie("sources", "add", url, "--yes", "--json"))
    assert added["kind"] == "sitemap"
    assert [path for path in ("/impressum",) if site.asked(path)] == []
    assert all(len(site.asked(f"/news/{name}")) == 1 for name, *_ in GERMAN)


def test_the_named_bodies_are_listed_with_way_and_cause(vigie: Vigie, tmp_path: Path) -> None:
    blocks = (
        'id = "a"\nkind = "feed"\nurl = "https://a.example.org/feed"\nnamed = true\nassumed = true\n',
        'id = "b"\nkind = "listing"\nurl = "https://b.example.org"\nnamed = true\nenabled = false\n'
        'off_reason = "terms"\n',
        'id = "c"\nkind = "feed"\nurl = "https://c.example.org/feed"\n',
    )
    (tmp_path / "sources.toml").write_text("".join(f"[[source]]\n{block}" for block in blocks), "utf-8")
    code, out, _ = vigie("sources", "list", "--named")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert lines == [
        "a feed new never never 0 not seen to work yet",
        "b listing paused never never 0 terms",
        "2 bodies are named: 0 are read, 1 not read yet, 0 sick, 1 off.",
    ]
    found = reply(vigie("sources", "list", "--named", "--json"))
    assert [(one["id"], one["named"], one["assumed"]) for one in found] == [("a", True, True), ("b", True, False)]


def test_a_page_that_a_script_fills_is_added_as_a_browser_shows_it(
    vigie: Vigie, site: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve_page(site, "/aktuelles/", '<!doctype html><div id="app"></div><script src="/app.js"></script>')
    code, _, err = vigie("sources", "add", url, "--browser", "--yes")
    assert code == 1
    assert "VIGIE_BROWSER" in err
    shown, chromium = tmp_path / "shown.html", tmp_path / "chromium"
    shown.write_text(page("weak"), "utf-8")
    chromium.write_text(f"#!/bin/sh\ncat {shown}\n", "utf-8")
    chromium.chmod(0o755)
    monkeypatch.setenv("VIGIE_BROWSER", str(chromium))
    added = reply(vigie("sources", "add", url, "--browser", "--yes", "--full-text", "its terms say so", "--json"))
    kept = reply(vigie("sources", "show", added["id"], "--json"))
    assert (added["kind"], added["url"], kept["accepted"]["count"]) == ("listing", url, 8)
    with closing(Store(f"sqlite:///{tmp_path}/data/vigie.db")) as store, store.reading() as session:
        config = config_of(source_row(session, added["id"]))
    assert (config.browser, config.full_text, config.full_text_reason) == (True, True, "its terms say so")
    assert reply(vigie("sources", "probe", added["id"], "--json"))["entries"] == 8
    assert reply(vigie("sources", "verify", added["id"], "--json"))["sources"][0]["state"] == "ok"
    monkeypatch.delenv("VIGIE_BROWSER")
    (verified,) = reply(vigie("sources", "verify", added["id"], "--json"))["sources"]
    assert (verified["state"], "VIGIE_BROWSER" in verified["cause"]) == ("failing", True)


def test_each_address_that_was_tried_stands_there_once(vigie: Vigie, site: FeedServer) -> None:
    tried = reply(vigie("sources", "probe", serve_page(site, "/aktuelles/", page("weak")), "--json"))["tried"]
    assert f"{site.url('/sitemap-news.xml')}: answered 404 Not Found" in tried


def test_who_is_forbidden_an_address_is_told_the_option_that_takes_the_reason(
    vigie: Vigie, site: FeedServer
) -> None:
    serve_robots(site, "User-agent: *\nDisallow: /aktuelles/\n")
    _, _, err = vigie("sources", "add", serve_page(site, "/aktuelles/", page("weak")), "--yes")
    assert "--robots-override REASON adds it all the same" in err


def test_what_waits_to_be_accepted_is_shown_with_the_command_that_accepts_it(
    vigie: Vigie, site: FeedServer, tmp_path: Path
) -> None:
    added = reply(vigie("sources", "add", serve_page(site, "/a/", page("weak")), "--yes", "--json"))["id"]
    assert "sources accept" not in vigie("sources", "show", added)[1]
    with closing(Store(f"sqlite:///{tmp_path}/data/vigie.db")) as store, store.writing() as session:
        row = source_row(session, added)
        row.proposal = row.shape
    assert f"`vigie sources accept {added}` reads the page" in vigie("sources", "show", added)[1]
