"""A town of sites, driven through days: every state is reached and left, and operators are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.sources.states import State
from shared.sources.store import pause, resume
from tests.town import OPERATOR, Town
from tests.unit.collector.test_listing_sources import saved


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path) as town:
        yield town


def test_every_state_is_reached_and_left(town: Town) -> None:
    """One source for each cause, some thirty days; a few sources that are always well stand beside them."""
    well = town.house("wohl")
    empty, stale, failing = town.house("leer"), town.house("still"), town.house("kaputt")
    blocked, forbidden, moved = town.house("sperrt"), town.house("verbietet"), town.house("zieht-um")
    gone, paused = town.house("weg"), town.house("pause")
    rebuilt = town.house("umbau", "/aktuelles/", kind="listing")
    waits = town.house("wartet", "/aktuelles/", kind="listing")
    rebuilt.site.serve("/aktuelles/", saved("typo3"), content_type="text/html; charset=utf-8")
    waits.site.serve("/aktuelles/", saved("weak"), content_type="text/html; charset=utf-8")
    houses = (well, empty, stale, failing, blocked, forbidden, moved, gone, paused)
    for house in houses:
        house.publish("Erste Nachricht")
    town.pass_days(1)

    empty.site.serve("/feed.xml", b"<rss version='2.0'><channel><title>x</title></channel></rss>")
    failing.answer(500)
    blocked.answer(403)
    forbidden.site.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    moved.serve("/neu.xml")
    moved.site.redirect("/feed.xml", moved.site.url("/neu.xml"), 301)
    gone.answer(410)
    gone.site.serve(
        "/", '<html><link rel="alternate" type="application/rss+xml" href="/news.xml">', content_type="text/html"
    )
    gone.serve("/news.xml")
    rebuilt.site.serve("/aktuelles/", saved("government_site_builder"), content_type="text/html; charset=utf-8")
    with town.store.writing() as session:
        pause(session, "pause")
    town.pass_days(3, lambda: well.publish(f"Neues am {town.clock.now():%d.%m.}"))
    sick = {
        "leer": "empty",
        "kaputt": "failing",
        "sperrt": "blocked",
        "verbietet": "forbidden",
        "zieht-um": "moved",
        "weg": "gone",
        "umbau": "rebuilt",
        "wartet": "new",
        "pause": "paused",
        "wohl": "ok",
    }
    assert {id_: town.state(id_) for id_ in sick} == sick

    for id_ in ("zieht-um", "umbau", "weg", "wartet"):
        town.accept(id_)
    empty.publish("Wieder da")
    failing.publish("Wieder ganz")
    blocked.publish("Wieder offen")
    forbidden.site.serve("/robots.txt", "", content_type="text/plain")
    forbidden.publish("Wieder erlaubt")
    moved.publish("Neues aus dem neuen Haus")
    gone.publish("Neues aus dem anderen Feed")
    with town.store.writing() as session:
        resume(session, "pause", town.clock.now())
    town.pass_days(2)
    assert {id_: town.state(id_) for id_ in sick} == dict.fromkeys(sick, "ok")
    town.pass_days(10)
    assert town.state("still") == "stale"
    stale.publish("Nach langer Stille")
    town.pass_days(1)
    assert town.state("still") == "ok"

    reached = {state for states in town.seen.values() for state in states}
    assert reached == {state.value for state in State}
    assert town.row("zieht-um").url.endswith("/neu.xml")
    assert town.row("weg").url.endswith("/news.xml")
    told = {"Wieder da", "Wieder ganz", "Wieder offen", "Wieder erlaubt", "Nach langer Stille"}
    assert told | {"Neues aus dem neuen Haus", "Neues aus dem anderen Feed"} <= town.titles()


def test_operators_get_one_mail_a_day_while_somebody_is_sick_and_one_when_all_are_well_again(town: Town) -> None:
    house, other = town.house("haus"), town.house("anders")
    house.publish("Eins")
    other.publish("Eins")
    town.pass_days(2)
    assert town.mails() == []  # nothing is sick: nobody is mailed
    house.answer(410)
    house.site.serve(
        "/", '<html><link rel="alternate" type="application/rss+xml" href="/neu.xml">', content_type="text/html"
    )
    house.serve("/neu.xml")
    town.pass_days(3)
    mails = town.mails()
    assert [mail.recipient for mail in mails] == [OPERATOR] * 3
    assert mails[-1].subject == "Vigie: 1 source needs a look"
    assert "1. haus (haus): gone" in (mails[-1].body or "")
    assert "`vigie sources accept haus` reads what was found in its place: http://127.0.0.1:" in (
        mails[-1].body or ""
    )
    assert "(haus): gone *" in (mails[0].body or "")
    assert "(haus): gone *" not in (mails[-1].body or "")  # it was told before
    town.accept("haus")
    town.pass_days(3)
    mails = town.mails()
    assert len(mails) == 4
    assert mails[-1].subject == "Vigie: 1 is well again"
    assert "Well again: haus" in (mails[-1].body or "")


def test_the_mail_tells_the_worst_first_with_old_and_new_block(town: Town) -> None:
    stale = town.house("still")
    stale.publish("Eins")
    rebuilt = town.house("umbau", "/aktuelles/", kind="listing")
    rebuilt.site.serve("/aktuelles/", saved("typo3"), content_type="text/html; charset=utf-8")
    town.pass_days(15)
    rebuilt.site.serve("/aktuelles/", saved("government_site_builder"), content_type="text/html; charset=utf-8")
    town.pass_days(1)
    body = town.mails()[-1].body or ""
    assert body.index("umbau (umbau): rebuilt") < body.index("still (still): stale")
    assert "  was Energiespeicher" in body
    assert "  is  Energiespeicher" in body
    assert "`vigie sources accept umbau` reads the page by what it shows now" in body


def test_what_died_without_a_trace_is_said_so_and_looked_for_once_a_week(town: Town) -> None:
    house = town.house("haus")
    house.publish("Eins")
    town.pass_days(1)
    house.answer(500)
    town.pass_days(6)
    asked = len(house.site.asked("/"))
    assert asked == 1
    assert "nothing was found" in (town.mails()[-1].body or "")
    town.pass_days(3)
    assert len(house.site.asked("/")) == asked
    house.serve()
    town.pass_days(2)
    assert (town.state("haus"), town.row("haus").searched) == ("ok", None)


def test_an_accepted_address_outlives_the_next_start_but_not_a_new_word_of_the_catalogue(town: Town) -> None:
    from shared.sources.catalogue import source_config
    from shared.sources.sync import sync_catalogue

    moved = town.house("haus")
    block = {"id": "haus", "kind": "feed", "url": moved.site.url("/feed.xml"), "interval": 21_600}
    sync_catalogue(town.store, [source_config(block, "town")])
    moved.publish("Eins")
    town.pass_days(1)
    moved.serve("/neu.xml")
    moved.site.redirect("/feed.xml", moved.site.url("/neu.xml"), 308)
    town.pass_days(1)
    assert town.accept("haus").startswith("is read at ")
    sync_catalogue(town.store, [source_config(block, "town")])
    assert town.row("haus").url.endswith("/neu.xml")
    sync_catalogue(town.store, [source_config({**block, "url": moved.site.url("/drei.xml")}, "town")])
    assert town.row("haus").url.endswith("/drei.xml")
