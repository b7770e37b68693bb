"""`vigie sources verify` asks every source and says what came of it; `apply` reads that in, as a plan first."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from services.collector.bundle import FORMAT
from tests.cms_sites import FEED_OF_GSB, GERMAN, SITES, page, rss, serve_page, serve_robots
from tests.servers import FeedServer
from tests.unit.cli.said import Vigie, reply

Block = dict[str, object]


@pytest.fixture
def town() -> Iterator[Callable[[], FeedServer]]:
    """A new site each time."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(FeedServer())


def watch(*blocks: Block) -> None:
    def value(said: object) -> str:
        if isinstance(said, dict):
            return f"{{ {', '.join(f'{key} = {value(each)}' for key, each in said.items())} }}"
        return json.dumps(said)

    def block(values: Block) -> str:
        return "".join(f"{key} = {value(said)}\n" for key, said in values.items())

    Path("sources.toml").write_text("".join(f"[[source]]\n{block(each)}\n" for each in blocks), "utf-8")


def found(said: tuple[int, str, str]) -> dict[str, Any]:
    return {each["id"]: each for each in reply(said)["sources"]}


def source(vigie: Vigie, id_: str) -> Any:
    return reply(vigie("sources", "show", id_, "--json"))


def furnish(town: Callable[[], FeedServer]) -> dict[str, FeedServer]:
    """A catalogue of assumed ways to sites of every kind: some right, some wrong, some closed to us."""
    sites = {name: town() for name in (*SITES, "empty", "lost", "closed", "busy", "weak", "off")}
    urls = {name: SITES[name](sites[name])[0] for name in SITES}
    feed = sites["wordpress"].url("/feed/")
    sites["empty"].serve("/feed/", rss(sites["empty"], "Leer", ()))
    sites["closed"].serve("*", "no", status=403)
    sites["busy"].serve("*", "later", status=503)
    serve_robots(sites["weak"], "")
    serve_page(sites["weak"], "/news/", page("weak"))
    gsb = sites["government_site_builder_that_forbids"]
    forbidden = {"url": gsb.url(FEED_OF_GSB), "homepage": urls["government_site_builder_that_forbids"]}
    within = urls["publisher_with_a_plain_sitemap"]
    watch(
        {"id": "right", "kind": "feed", "url": feed, "assumed": True, "named": True},
        {"id": "page-with-feed", "kind": "listing", "url": urls["typo3"], "assumed": True},
        {"id": "page", "kind": "listing", "url": urls["plone"], "assumed": True},
        {"id": "forbidden", "kind": "feed", "assumed": True, **forbidden},
        {"id": "sitemap", "kind": "sitemap", "url": sites["publisher_with_a_plain_sitemap"].url("/sitemap.xml")}
        | {"sitemap": {"within": within}},
        {"id": "guess", "kind": "feed", "url": sites["spip"].url("/feed/"), "homepage": urls["spip"]}
        | {"assumed": True},
        {"id": "empty", "kind": "feed", "url": sites["empty"].url("/feed/"), "assumed": True},
        {"id": "lost", "kind": "feed", "url": sites["lost"].url("/feed/"), "assumed": True},
        {
            "id": "closed",
            "kind": "feed",
            "url": sites["closed"].url("/feed/"),
            "homepage": sites["closed"].url("/"),
        },
        {"id": "busy", "kind": "feed", "url": sites["busy"].url("/feed/"), "assumed": True},
        {"id": "weak", "kind": "listing", "url": sites["weak"].url("/news/"), "assumed": True},
        {"id": "off", "kind": "feed", "url": sites["off"].url("/feed/"), "enabled": False, "off_reason": "terms"},
    )
    return sites


@pytest.fixture
def furnished(vigie: Vigie, town: Callable[[], FeedServer]) -> dict[str, FeedServer]:
    return furnish(town)


def test_every_source_says_how_it_is_and_why(vigie: Vigie, furnished: dict[str, FeedServer]) -> None:
    said = vigie("sources", "verify", "--all", "--json", "--bundle", "found.json")
    assert said[0] == 1
    assert json.loads(Path("found.json").read_text("utf-8")) == reply(said)
    seen = found(said)
    assert {id_: each["state"] for id_, each in seen.items()} == {
        "right": "ok",
        "page-with-feed": "ok",
        "page": "ok",
        "forbidden": "forbidden",
        "sitemap": "ok",
        "guess": "failing",
        "empty": "empty",
        "lost": "failing",
        "closed": "blocked",
        "busy": "failing",
        "weak": "new",
        "off": "off",
    }
    right = seen["right"]
    assert (right["items"], right["conditional"], right["language"]) == (3, True, "de")
    assert right["newest"].startswith("2026-11-12T09:00:00")
    assert right["titles"][0] == "Energiespeicher für das Quartier geht in Betrieb"
    gsb = furnished["government_site_builder_that_forbids"]
    ways = {id_: (each["better"]["kind"], each["better"]["url"]) for id_, each in seen.items() if each["better"]}
    assert ways == {
        "page-with-feed": ("feed", furnished["typo3"].url("/aktuelles/?type=9818")),
        "forbidden": ("listing", gsb.url("/DE/Presse/presse_node.html")),
        "guess": ("feed", furnished["spip"].url("/spip.php?page=backend")),
    }
    assert "answered 404" in seen["lost"]["cause"]
    assert "answered 503" in seen["busy"]["cause"]
    assert "wait for somebody" in seen["weak"]["cause"]
    assert seen["off"]["cause"] == "terms"


def test_who_is_off_or_forbids_it_is_not_asked_and_who_refuses_only_once(
    vigie: Vigie, furnished: dict[str, FeedServer]
) -> None:
    vigie("sources", "verify", "--all")
    assert furnished["off"].requests == []
    assert furnished["government_site_builder_that_forbids"].asked(FEED_OF_GSB) == []
    assert [request.path for request in furnished["closed"].requests] == ["/robots.txt", "/feed/"]


def test_a_bundle_is_a_plan_first_and_then_what_changes(vigie: Vigie, furnished: dict[str, FeedServer]) -> None:
    vigie("sources", "verify", "--all", "--bundle", "found.json")
    code, _, err = vigie("sources", "apply", "found.json")
    assert code == 1
    assert "nothing was changed" in err
    assert source(vigie, "right")["assumed"]
    steps = {
        step["source"]: step["change"]
        for step in reply(vigie("sources", "apply", "found.json", "--yes", "--json"))
    }
    assert steps == {
        "right": "verified",
        "page-with-feed": "route",
        "page": "verified",
        "forbidden": "route",
        "sitemap": "verified",
        "guess": "route",
        "empty": "nothing",
        "lost": "off",
        "closed": "off",
        "busy": "nothing",
        "weak": "nothing",
        "off": "nothing",
    }
    right = source(vigie, "right")
    assert (right["assumed"], right["verified"] is not None) == (False, True)
    guess = source(vigie, "guess")
    assert (guess["kind"], guess["url"]) == ("feed", furnished["spip"].url("/spip.php?page=backend"))
    lost = source(vigie, "lost")
    assert (lost["state"], lost["enabled"]) == ("paused", False)
    assert "answered 404" in lost["off_reason"]
    assert source(vigie, "off")["off_reason"] == "terms"


def test_a_bundle_read_in_twice_changes_nothing_the_second_time(
    vigie: Vigie, furnished: dict[str, FeedServer]
) -> None:
    vigie("sources", "verify", "--all", "--bundle", "found.json")
    vigie("sources", "apply", "found.json", "--yes")
    steps = reply(vigie("sources", "apply", "found.json", "--yes", "--json"))
    assert {step["change"] for step in steps} == {"nothing"}
    vigie("sources", "verify", "--all", "--bundle", "again.json")
    steps = reply(vigie("sources", "apply", "again.json", "--yes", "--json"))
    assert {step["change"] for step in steps} == {"nothing"}


def test_an_accepted_page_is_held_to_what_was_accepted(vigie: Vigie, town: Callable[[], FeedServer]) -> None:
    site = town()
    serve_robots(site, "")
    watch()
    url = serve_page(site, "/news/", page("weak"))
    added = reply(vigie("sources", "add", url, "--yes", "--json"))["id"]
    (seen,) = reply(vigie("sources", "verify", added, "--json"))["sources"]
    assert (seen["state"], seen["items"]) == ("ok", 8)
    serve_page(site, "/news/", page("government_site_builder"))
    (seen,) = reply(vigie("sources", "verify", added, "--json"))["sources"]
    assert (seen["state"], seen["trouble"]) == ("rebuilt", "rebuilt")


def test_a_feed_that_became_a_page_is_looked_for_on_the_front_page_of_its_host(
    vigie: Vigie, town: Callable[[], FeedServer]
) -> None:
    site = town()
    serve_page(site, "/feed/", "<html><head><title>Willkommen</title></head><body>Neu!</body></html>")
    link = '<link rel="alternate" type="application/rss+xml" href="/neu.xml">'
    serve_page(site, "/", f"<html><head><title>Haus</title>{link}</head></html>")
    site.serve("/neu.xml", rss(site, "Haus", GERMAN))
    watch({"id": "haus", "kind": "feed", "url": site.url("/feed/")})
    (said,) = reply(vigie("sources", "verify", "haus", "--json"))["sources"]
    assert said["better"]["url"] == site.url("/neu.xml")


def test_some_may_be_asked_by_name(vigie: Vigie, furnished: dict[str, FeedServer]) -> None:
    assert set(found(vigie("sources", "verify", "--named", "--json"))) == {"right"}
    assert vigie("sources", "verify", "right", "page")[0] == 0
    code, _, err = vigie("sources", "verify", "rigth")
    assert (code, "Did you mean right" in err) == (1, True)
    assert "say --all" in vigie("sources", "verify")[2]


def test_who_has_no_network_switches_nobody_off(vigie: Vigie, town: Callable[[], FeedServer]) -> None:
    proxy = town()
    proxy.serve("*", "no", status=403)
    watch(*({"id": f"s{n}", "kind": "feed", "url": proxy.url(f"/{n}"), "assumed": True} for n in range(5)))
    vigie("sources", "verify", "--all", "--bundle", "found.json")
    steps = reply(vigie("sources", "apply", "found.json", "--yes", "--json"))
    assert {step["change"] for step in steps} == {"nothing"}
    assert "says more of who asked" in steps[0]["why"]


def a_bundle(**source: object) -> str:
    one = {"id": "haus", "kind": "feed", "url": "https://h.example.org/feed/", "state": "ok", "items": 3} | source
    made = {"format": FORMAT, "version": "0", "made_at": "2026-11-30T10:00:00Z", "sources": [one]}
    return json.dumps(made)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{}", "this is no bundle"),
        ("nonsense", "this is no bundle"),
        (a_bundle(state="splendid"), "sources.0.state"),
        (a_bundle(better={"kind": "gopher", "url": "x"}), "sources.0.better.kind"),
        (a_bundle(url="https://other.example.org/feed/"), "another address"),
        (a_bundle(id="fremd"), "there is no such source here"),
        (a_bundle(state="failing", better={"kind": "feed", "url": "file:///etc/passwd"}), "`url`"),
    ],
)
def test_a_stranger_s_file_changes_nothing_that_it_should_not(vigie: Vigie, body: str, said: str) -> None:
    watch({"id": "haus", "kind": "feed", "url": "https://h.example.org/feed/", "assumed": True})
    Path("x.json").write_text(body, "utf-8")
    _, _, err = vigie("sources", "apply", "x.json", "--yes")
    assert said in err
    assert source(vigie, "haus")["assumed"]


def test_a_way_at_another_host_is_said_so(vigie: Vigie) -> None:
    watch({"id": "haus", "kind": "feed", "url": "https://h.example.org/feed/", "assumed": True})
    better = {"kind": "feed", "url": "https://other.example.org/feed/", "items": 3}
    Path("x.json").write_text(a_bundle(state="failing", trouble="http_4xx", better=better), "utf-8")
    assert "at another host" in vigie("sources", "apply", "x.json", "--yes")[2]
