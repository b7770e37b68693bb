"""Feeds of searches that are followed are announced to a hub (WebSub) when they hold something new."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from sqlmodel import select

from services.notifier.announcing import UNHEARD, Announcer
from shared.archive.followed import ECHO, LATELY, MOST, READ, note_asked
from shared.archive.tables import FollowedFeedRow
from shared.config import Settings
from shared.store.upsert import insert_all
from shared.telemetry.notices import notices
from shared.web.client import WebClient
from tests.archived import a_classified
from tests.hooks import HookServer
from tests.unit.portal.site import Portal, a_german_item, a_portal

PUBLIC = "https://portal.example.org"
FEED = "/de/search.atom?q=Netz"


@pytest.fixture
def hub() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


@pytest.fixture
def portal(tmp_path: Path, hub: HookServer) -> Iterator[Portal]:
    settings = {"hub": hub.url("/hub"), "public_url": PUBLIC, "allowed_networks": (ip_network("127.0.0.0/8"),)}
    with closing(a_portal(tmp_path, **settings)) as opened:
        opened.archive(a_german_item())
        yield opened


def told(portal: Portal, hub: HookServer) -> list[str]:
    """The topics that the hub is told of by a round of looks."""
    before = len(hub.taken)
    announcer = Announcer(portal.store, WebClient(portal.settings, spacing=0.0), portal.settings.hub)
    while announcer.step():
        pass
    posts = [parse_qs(taken.body.decode()) for taken in hub.taken[before:]]
    assert all(post["hub.mode"] == ["publish"] and post["hub.url"] == post["hub.topic"] for post in posts)
    return sorted(post["hub.topic"][0] for post in posts)


def arrive(portal: Portal, *ids: str, title: str = "Das Netz") -> None:
    portal.clock.advance(hours=2)
    portal.archive(*(a_classified(id_, title=title, text=title) for id_ in ids))


def test_a_feed_names_hub_and_itself_in_its_words_and_in_its_headers(portal: Portal, hub: HookServer) -> None:
    answer = portal.get(FEED)
    assert f'<link rel="hub" href="{hub.url("/hub")}"/>' in answer.text
    (self_url,) = re.findall('<link rel="self" href="([^"]+)"/>', answer.text)
    assert self_url == f"{PUBLIC}{FEED}"
    assert answer.headers["link"] == f'<{hub.url("/hub")}>; rel="hub", <{self_url}>; rel="self"'
    feed = json.loads(portal.get("/de/search.jsonfeed?q=Netz").text)
    assert feed["hubs"] == [{"type": "WebSub", "url": hub.url("/hub")}]
    assert "hub" not in portal.get("/de/search.csv?q=Netz").headers.get("link", "")
    again = portal.get(FEED, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["link"]) == (304, answer.headers["link"])


def test_the_hub_is_told_of_the_feeds_that_have_news_and_of_each_news_once(
    portal: Portal, hub: HookServer
) -> None:
    portal.get(FEED)
    portal.get("/fr/search.jsonfeed?q=Wasserstoff")
    assert told(portal, hub) == []  # who asked has it
    arrive(portal, "neu")
    assert told(portal, hub) == [f"{PUBLIC}{FEED}"]
    assert told(portal, hub) == []
    arrive(portal, "anderes", title="Ein Fluss")
    assert told(portal, hub) == []
    arrive(portal, "h", title="Wasserstoff im Netz")
    assert told(portal, hub) == [f"{PUBLIC}{FEED}", f"{PUBLIC}/fr/search.jsonfeed?q=Wasserstoff"]


def test_a_hub_that_does_not_hear_is_told_again_and_operators_too(portal: Portal, hub: HookServer) -> None:
    portal.get(FEED)
    told(portal, hub)
    arrive(portal, "neu")
    hub.next = [500]
    assert told(portal, hub) == [f"{PUBLIC}{FEED}"]
    with portal.store.reading() as session:
        (notice,) = (each for each in notices(session) if each.key == UNHEARD)
    assert notice.reason.endswith("/hub answered 500")
    assert told(portal, hub) == [f"{PUBLIC}{FEED}"]
    with portal.store.reading() as session:
        assert UNHEARD not in {each.key for each in notices(session)}


def test_a_hub_inside_is_not_reached_unless_it_is_allowed(portal: Portal, hub: HookServer) -> None:
    portal.get(FEED)
    told(portal, hub)
    arrive(portal, "neu")
    guarded = Settings(hub=portal.settings.hub)
    assert not Announcer(portal.store, WebClient(guarded, spacing=0.0), guarded.hub).step()
    assert hub.taken == []
    with portal.store.reading() as session:
        assert UNHEARD in {each.key for each in notices(session)}


def test_only_feeds_of_searches_are_announced_and_only_with_a_hub_and_a_public_address(tmp_path: Path) -> None:
    for number, settings in enumerate(({"hub": "https://hub.example.org/"}, {"public_url": PUBLIC})):
        with closing(a_portal(tmp_path / str(number), **settings)) as portal:
            assert "hub.example.org" not in portal.get(FEED).text
            with portal.store.reading() as session:
                assert session.exec(select(FollowedFeedRow)).all() == []


def test_the_visits_of_the_hub_keep_no_feed_alive(portal: Portal, hub: HookServer) -> None:
    portal.get(FEED)
    told(portal, hub)
    arrive(portal, "neu")
    assert told(portal, hub) == [f"{PUBLIC}{FEED}"]
    with portal.store.writing() as session:
        now = portal.store.now(session)
        assert not note_asked(session, f"{PUBLIC}{FEED}", "Netz", now + ECHO / 2)
        assert note_asked(session, f"{PUBLIC}{FEED}", "Netz", now + ECHO)
    portal.clock.advance(seconds=LATELY.total_seconds() + 3600)
    portal.archive(a_classified("später", title="Netz"))
    assert told(portal, hub) == []


def test_who_asks_for_many_moves_none_that_is_read_out(portal: Portal) -> None:
    with portal.store.writing() as session:
        now = portal.store.now(session)
        empty = {"query": "", "asked_at": now, "looked": None, "told": "", "told_at": None}
        insert_all(session, FollowedFeedRow, [{"topic": f"{PUBLIC}/{at}", **empty} for at in range(MOST)])
        assert not note_asked(session, f"{PUBLIC}/more", "", now)
        assert not note_asked(session, f"{PUBLIC}/" + "x" * 1_000, "", now)
        assert note_asked(session, f"{PUBLIC}/1", "", now + READ)
        assert note_asked(session, f"{PUBLIC}/more", "", now + READ)
        assert len(session.exec(select(FollowedFeedRow)).all()) == MOST
        assert session.get(FollowedFeedRow, f"{PUBLIC}/1") is not None
