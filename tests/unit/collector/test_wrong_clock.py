"""The collector after its clock was ahead and is put right: it polls, takes news for news, frees what it held."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.collector.app import hurry
from services.collector.releasing import reconsider
from services.collector.robots import Robots
from shared.sources.claims import due_sources
from shared.sources.store import held_entries
from shared.sources.tables import SourceRow
from shared.web.client import WebClient
from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import SETTINGS, Bench

AHEAD = pytest.mark.parametrize("days", [3, 3650], ids=["days", "years"])


def serve(bench: Bench, *entries: tuple[str, datetime | None]) -> None:
    bench.site.serve("/feed.xml", rss([Entry(title, title, f"Alles über {title}.", at) for title, at in entries]))


def held(bench: Bench) -> list[str]:
    with bench.store.reading() as session:
        return [one.title for one in held_entries(session)]


def begun(bench: Bench) -> datetime:
    """A source whose first poll is done; the present moment."""
    bench.add()
    serve(bench, ("Anfang", bench.clock.now()))
    bench.poll()
    return bench.clock.now()


@AHEAD
def test_news_after_the_clock_is_right_are_not_held_for_old(bench: Bench, days: int) -> None:
    now = begun(bench)
    bench.clock.advance(days=days)
    bench.poll()
    bench.clock.advance(days=-days, hours=1)
    serve(bench, ("Hafen", now + timedelta(minutes=30)), ("Anfang", now))
    bench.poll()
    assert (bench.live(), held(bench)) == (["Anfang", "Hafen"], [])


@AHEAD
def test_the_whole_document_is_asked_for_when_the_last_one_came_in_the_future(bench: Bench, days: int) -> None:
    bench.clock.advance(days=days)
    begun(bench)
    bench.clock.advance(days=-days)
    bench.poll()
    assert bench.site.answers("/feed.xml") == [200, 200]


@AHEAD
def test_what_a_clock_ahead_held_for_old_is_released_when_it_is_right(bench: Bench, days: int) -> None:
    now = begun(bench)
    bench.clock.advance(days=days)
    bench.poll()
    old = now - timedelta(days=9)
    serve(bench, ("Hafen", now + timedelta(minutes=30)), ("Altes", old), ("Anfang", now))
    bench.clock.advance(hours=1)
    bench.poll()
    assert held(bench) == ["Altes", "Hafen"]
    assert reconsider(bench.store, bench.bus) == 0  # by this clock they are held rightly
    bench.clock.advance(days=-days)
    assert reconsider(bench.store, bench.bus) == 1
    assert reconsider(bench.store, bench.bus) == 0
    assert (bench.live(), held(bench)) == (["Anfang", "Hafen"], ["Altes"])
    assert [item.released_at for item in bench.published() if item.title == "Hafen"] == [bench.clock.now()]


def test_a_repetition_that_a_clock_ahead_held_stays_held(bench: Bench) -> None:
    release = Entry(
        "eins", "Ein Rechenzentrum entsteht am Hafen von Bremen", "Es nutzt die Abwärme.", bench.clock.now()
    )
    bench.add()
    bench.site.serve("/feed.xml", rss([release]))
    bench.poll()
    bench.clock.advance(days=3)
    bench.site.serve("/feed.xml", rss([replace(release, name="zwei", published=bench.clock.now())]))
    bench.poll()
    assert held(bench) == [release.title]
    bench.clock.advance(days=-3)
    assert reconsider(bench.store, bench.bus) == 0
    assert held(bench) == [release.title]


@pytest.mark.parametrize("fixed", [{}, {"interval": 3600}], ids=["adaptive", "fixed"])
def test_a_poll_that_is_put_off_for_longer_than_its_interval_is_due(bench: Bench, fixed: dict[str, int]) -> None:
    """Whoever wrote it: nobody has to look at a clock for that."""
    bench.add(**fixed)
    serve(bench, ("Anfang", bench.clock.now()))
    bench.poll()
    put_off(bench, timedelta(days=3))
    hurry(bench.store, 300.0)
    assert due(bench)


def test_a_pause_that_the_source_may_take_stays(bench: Bench) -> None:
    bench.add(interval=30 * 86_400)
    serve(bench, ("Anfang", bench.clock.now()))
    bench.poll()
    bench.add("fort", "/fort.xml")
    bench.site.serve("/fort.xml", status=410)
    bench.poll("fort")
    bench.clock.advance(minutes=1)
    hurry(bench.store, 300.0)
    assert not due(bench)


@AHEAD
def test_robots_of_the_future_are_asked_for_again(bench: Bench, days: int) -> None:
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    robots = Robots(WebClient(SETTINGS, bench.clock), bench.clock)
    bench.clock.advance(days=days)
    assert not robots.verdict(bench.site.url("/seite")).allowed
    bench.clock.advance(days=-days)
    bench.site.serve("/robots.txt", "User-agent: *\nAllow: /", content_type="text/plain")
    assert robots.verdict(bench.site.url("/seite")).allowed


def put_off(bench: Bench, by: timedelta) -> None:
    with bench.store.writing() as session:
        row = session.get_one(SourceRow, "haus")
        row.next_due = bench.clock.now() + by
        session.add(row)


def due(bench: Bench) -> bool:
    with bench.store.reading() as session:
        return bool(due_sources(session, bench.clock.now(), 1))
