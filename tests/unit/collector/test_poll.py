"""Polling one source: fetch, parse, decide, publish, remember; on a real store, bus and web server."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from services.collector.record import Status
from services.collector.releasing import release_held
from shared.bus import BULK, COLLECTED, Bus, Message
from shared.errors import BusUnavailable, Conflict, NotFound
from shared.sources import store as sources
from shared.sources.claims import claim_due, expire_claims
from shared.sources.states import State
from tests.pipeline.feeds import Entry, rss
from tests.unit.collector.conftest import Bench


def entry(name: str, at: datetime | None = None, text: str = "Ein Text.") -> Entry:
    return Entry(name, f"Titel von {name}", text, at)


def fresh(bench: Bench, name: str, **ago: float) -> Entry:
    return entry(name, bench.clock.now() - timedelta(**(ago or {"hours": 1})))


def test_a_first_poll_publishes_on_both_lanes_and_a_second_costs_a_304_and_no_parse(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu"), fresh(bench, "alt", days=9)]))
    bench.add(languages=["de"], organisation="Haus")
    assert bench.poll() is Status.READ
    assert (bench.live(), bench.bulk()) == (["Titel von neu"], ["Titel von alt"])
    item = bench.published()[0]
    assert (item.source, item.country, item.languages, item.declared_language) == ("haus", "DE", ("de",), "de")
    assert bench.poll() is Status.NOT_MODIFIED
    health = bench.health()
    assert (health.state, health.polls, health.not_modified, health.parses, health.items) == ("ok", 2, 1, 1, 2)
    assert bench.site.answers("/feed.xml") == [200, 304]
    assert len(bench.published()) == 1


def test_the_same_bytes_without_a_304_are_not_parsed_again(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]), etag=False)
    bench.add()
    assert [bench.poll(), bench.poll()] == [Status.READ, Status.UNCHANGED]
    assert (bench.health().parses, bench.health().unchanged) == (1, 1)


def test_an_edit_is_published_again_under_the_same_id_with_a_later_time(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    bench.poll()
    bench.clock.advance(hours=1)
    bench.site.serve("/feed.xml", rss([entry("neu", text="Ein anderer Text.")]))
    bench.poll()
    first, second = bench.published()
    assert first.item_id == second.item_id
    assert first.content_hash != second.content_hash
    assert first.fetched_at < second.fetched_at


class ClosedBus:
    """A bus that takes nothing."""

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if messages:
            raise BusUnavailable("the disk is full")


def test_nothing_is_remembered_before_its_events_are_durable(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    closed: Bus = ClosedBus()  # type: ignore[assignment]  # a poller only publishes
    with pytest.raises(BusUnavailable):
        bench.poll(poller=bench.poller(closed))
    row = bench.row()
    assert (row.etag, row.first_success, row.polls) == (None, None, 0)
    with bench.store.writing() as session:
        expire_claims(session, "test")
    assert bench.poll() is Status.READ
    assert bench.live() == ["Titel von neu"]


def test_a_poll_whose_claim_was_lost_is_not_remembered(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    with bench.store.writing() as session:
        (lost,) = claim_due(session, bench.clock.now(), owner="first", limit=1)
    with bench.store.writing() as session:
        expire_claims(session, "first")
        (ours,) = claim_due(session, bench.clock.now(), owner="second", limit=1)
    assert bench.poller().poll_one(lost) is Status.LOST
    assert bench.row().claim_token == ours.token
    assert bench.poller().poll_one(ours) is Status.READ


def test_two_collectors_never_claim_the_same_source(bench: Bench) -> None:
    for name in "abc":
        bench.add(name, f"/{name}.xml")
    with bench.store.writing() as session:
        first = claim_due(session, bench.clock.now(), owner="one", limit=2)
        second = claim_due(session, bench.clock.now(), owner="two", limit=2)
    assert sorted(claim.source for claim in (*first, *second)) == ["a", "b", "c"]
    bench.clock.advance(hours=1)
    with bench.store.writing() as session:
        assert len(claim_due(session, bench.clock.now(), owner="three", limit=5)) == 3


# ---- what goes wrong at the source


@pytest.mark.parametrize(
    ("serve", "state", "said"),
    [
        ({"body": b"<!doctype html><title>Wartung</title>"}, "failing", "HTML page titled 'Wartung'"),
        ({"body": b""}, "failing", "empty"),
        ({"body": b" " * 10_000_001}, "failing", "larger than 10 MB"),
        ({"status": 403}, "blocked", "403"),
        ({"status": 410}, "gone", "410"),
        ({"status": 404}, "failing", "404"),
    ],
)
def test_a_source_that_answers_no_feed_says_what_is_wrong(
    bench: Bench, serve: dict[str, object], state: str, said: str
) -> None:
    bench.site.serve("/feed.xml", **serve)  # type: ignore[arg-type]
    bench.add()
    assert bench.poll() is Status.FAILED
    assert bench.health().state == state
    assert said in (bench.health().error or "")
    assert bench.published() == []


def test_a_feed_that_was_away_comes_back_green_and_asks_for_the_whole_document(bench: Bench) -> None:
    good = rss([fresh(bench, "neu")])
    bench.site.serve("/feed.xml", good)
    bench.add()
    bench.poll()
    bench.site.serve("/feed.xml", b"<html>Wartung</html>", etag=False)
    bench.poll()
    assert bench.health().state == "failing"
    bench.site.serve("/feed.xml", good)
    assert bench.poll() is Status.UNCHANGED
    assert (bench.health().state, bench.health().error) == ("ok", None)


def test_retry_after_is_obeyed_whatever_the_interval(bench: Bench) -> None:
    bench.site.serve("/feed.xml", status=429, headers={"Retry-After": "7200"})
    bench.add(interval=600)
    bench.poll()
    assert bench.row().next_due == bench.clock.now() + timedelta(hours=2)


def test_a_server_that_always_says_304_is_found_out(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "eins")]), etag='"same"')
    bench.add()
    bench.poll()
    bench.site.serve("/feed.xml", rss([fresh(bench, "zwei"), fresh(bench, "eins")]), etag='"same"')
    assert bench.poll() is Status.NOT_MODIFIED
    bench.clock.advance(hours=13)
    assert bench.poll() is Status.READ
    assert bench.live() == ["Titel von eins", "Titel von zwei"]
    bench.site.serve("/feed.xml", rss([fresh(bench, "drei")]), etag='"same"')
    assert bench.poll() is Status.READ


def test_a_feed_that_moved_for_good_is_followed_and_shown(bench: Bench) -> None:
    new = bench.site.serve("/new.xml", rss([fresh(bench, "neu")]))
    bench.site.redirect("/feed.xml", "/new.xml", 301)
    bench.add()
    states = []
    for _ in range(3):
        bench.clock.advance(hours=13)
        bench.poll()
        states.append(bench.health().state)
    assert states == ["ok", "ok", "moved"]
    assert bench.health().moved_to == new
    assert bench.health().url == bench.site.url("/feed.xml")


def test_a_feed_without_entries_is_empty(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([]))
    bench.add()
    bench.poll()
    assert bench.health().state == "empty"
    bench.poll()
    assert bench.health().state == "empty"


# ---- robots.txt


@pytest.mark.parametrize("rule", ["Disallow: /", "Disallow: /*.xml$", "Disallow: /fe*d"])
def test_a_feed_that_robots_txt_forbids_is_not_fetched(bench: Bench, rule: str) -> None:
    bench.site.serve("/robots.txt", f"User-agent: *\n{rule}\n", content_type="text/plain")
    bench.site.serve("/feed.xml", rss([]))
    bench.add()
    bench.poll()
    assert bench.health().state == State.FORBIDDEN
    assert "robots.txt" in (bench.health().error or "")
    assert bench.site.asked("/feed.xml") == []


def test_a_recorded_reason_allows_what_robots_txt_forbids(bench: Bench) -> None:
    bench.site.serve("/robots.txt", "User-agent: *\nDisallow: /\n", content_type="text/plain")
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add(robots_override="the press office agreed by mail on 2026-03-01")
    assert bench.poll() is Status.READ


def test_robots_txt_is_asked_once_a_day(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    poller = bench.poller()
    for _ in range(3):
        bench.poll(poller=poller)
    assert len(bench.site.asked("/robots.txt")) == 1
    bench.clock.advance(hours=25)
    bench.poll(poller=poller)
    assert len(bench.site.asked("/robots.txt")) == 2


def test_while_robots_txt_is_out_of_order_feeds_are_polled_and_pages_wait(bench: Bench) -> None:
    bench.site.serve("/robots.txt", status=500)
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    assert bench.poll() is Status.READ
    bench.add("liste", "/liste", kind="listing", listing={"item": "li"})
    assert bench.poll("liste") is Status.FAILED
    assert bench.site.asked("/liste") == []


# ---- the flood guard and its release


def test_what_the_flood_guard_held_is_sent_as_live_when_an_operator_releases_it(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "eins")]))
    bench.add()
    bench.poll()
    late = entry("spät", bench.clock.now() - timedelta(days=9))
    bench.site.serve("/feed.xml", rss([late, fresh(bench, "eins")]))
    bench.poll()
    assert (bench.live(), bench.bulk(), bench.health().held) == (["Titel von eins"], ["Titel von spät"], 1)
    bench.clock.advance(hours=1)
    assert release_held(bench.store, bench.bus, "haus") == 1
    released = bench.published()[-1]
    assert (released.title, released.released_at) == ("Titel von spät", bench.clock.now())
    assert released.item_id == bench.published(BULK)[-1].item_id
    assert (bench.health().held, release_held(bench.store, bench.bus, "haus")) == (0, 0)
    edited = entry("spät", late.published, text="Anders.")
    bench.site.serve("/feed.xml", rss([edited, fresh(bench, "eins")]))
    bench.poll()
    assert bench.live()[-1] == "Titel von spät"


# ---- what operators do


def test_a_paused_source_is_not_claimed_and_a_resumed_one_is_due_at_once(bench: Bench) -> None:
    bench.add()
    with bench.store.writing() as session:
        sources.pause(session, "haus", "asked to wait")
    with bench.store.writing() as session:
        assert claim_due(session, bench.clock.now(), owner="x", limit=5) == []
        with pytest.raises(Conflict, match="asked to wait"):
            sources.request_poll(session, "haus", bench.clock.now())
    assert (bench.health().state, bench.health().off_reason) == ("paused", "asked to wait")
    with bench.store.writing() as session:
        sources.resume(session, "haus", bench.clock.now())
    with bench.store.writing() as session:
        assert len(claim_due(session, bench.clock.now(), owner="x", limit=5)) == 1


def test_a_source_that_does_not_exist_is_named_with_the_nearest(bench: Bench) -> None:
    bench.add()
    with bench.store.reading() as session, pytest.raises(NotFound, match="Did you mean haus"):
        sources.source_health(session, "hans")


def test_an_event_s_topic_and_purpose_agree(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu"), fresh(bench, "alt", days=9)]))
    bench.add()
    bench.poll()
    for topic, purpose in ((COLLECTED, b'"purpose":"live"'), (COLLECTED + BULK, b'"purpose":"backfill"')):
        assert all(purpose in record.message.value for record in bench.bus.read(topic, -1, 10))


def test_an_empty_document_stays_empty_after_a_failure_in_between(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([fresh(bench, "neu")]))
    bench.add()
    bench.poll()
    bench.site.serve("/feed.xml", rss([]))
    bench.poll()
    bench.site.serve("/feed.xml", status=500, etag=False)
    for _ in range(3):
        bench.poll()
    assert bench.health().state == "failing"
    bench.site.serve("/feed.xml", rss([]))
    bench.poll()
    assert bench.health().state == "empty"
