"""The fetching threads: refilled as they finish, held up by nobody, ended within their time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from services.collector.dispatch import FIRST, LOOK_HOLDS, PER_HOST, Dispatcher, Look, choose
from services.collector.poll import Done, Poller
from services.collector.record import Polled, Status
from services.collector.robots import Robots
from shared.bus import Bus
from shared.errors import BadInput, BusUnavailable
from shared.sources.catalogue import source_config
from shared.sources.claims import Claim, Due, claim_due, due_sources, expire_claims
from shared.sources.store import add_source
from shared.web.client import WebClient
from tests.fakes import FlakyBus
from tests.pipeline.feeds import Entry, rss
from tests.pipeline.harness import wait_until
from tests.unit.collector.conftest import SETTINGS, Bench


class Publishers(Poller):
    """A poller whose sources answer when they are let: `asked` are those that wait for their publisher."""

    def __init__(self, bench: Bench, hanging: Callable[[str], bool], bus: Bus | None = None) -> None:
        web = WebClient(SETTINGS, bench.clock)
        super().__init__(bench.store, bus or bench.bus, web, Robots(web, bench.clock), bench.clock, 300)
        self.asked: list[str] = []
        self.let = threading.Event()
        self._hanging = hanging

    def poll(self, claim: Claim) -> Done:
        self.asked.append(claim.source)
        if self._hanging(claim.source):
            assert self.let.wait(30)
        return Done(claim, Polled(Status.FAILED, error=BadInput("made up")), 0.0, 0.0)


def add(bench: Bench, *ids: str, host: str = "{id}.example.org") -> None:
    with bench.store.writing() as session:
        for id_ in ids:
            block = {"id": id_, "kind": "feed", "url": f"https://{host.format(id=id_)}/{id_}"}
            add_source(session, source_config(block, "test"), bench.clock.now())


@contextmanager
def dispatching(bench: Bench, poller: Poller, fetchers: int) -> Iterator[Dispatcher]:
    """A dispatcher that takes steps in a thread of its own, as in its loop."""
    dispatcher = Dispatcher(bench.store, poller, WebClient(SETTINGS, bench.clock), "x", fetchers)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            if not dispatcher.step():
                ended.wait(0.05)
        dispatcher.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield dispatcher
    finally:
        if isinstance(poller, Publishers):
            poller.let.set()
        ended.set()
        thread.join(20)
        assert not thread.is_alive()


def polls(bench: Bench, *ids: str) -> list[int]:
    return [bench.row(id_).polls for id_ in ids]


def test_a_thread_that_is_free_gets_the_next_source_while_all_others_still_wait(bench: Bench) -> None:
    quick = [f"q{number}" for number in range(12)]
    add(bench, "slow", *quick)
    poller = Publishers(bench, lambda source: source == "slow")
    with dispatching(bench, poller, 2):
        wait_until(lambda: polls(bench, *quick) == [1] * len(quick), 20, "all that are quick, by the other thread")
        assert polls(bench, "slow") == [0]
        poller.let.set()
        wait_until(lambda: polls(bench, "slow") == [1], 20, "the slow one")
    assert sorted(poller.asked) == sorted(["slow", *quick])


def test_a_hanging_host_with_many_sources_leaves_threads_to_the_others(bench: Bench) -> None:
    many = [f"h{number:02}" for number in range(20)]
    add(bench, *many, host="hangs.example.org")
    bench.clock.advance(seconds=1)
    add(bench, "a", "b", "c")
    poller = Publishers(bench, lambda source: source.startswith("h"))
    with dispatching(bench, poller, PER_HOST + 1):
        wait_until(lambda: polls(bench, "a", "b", "c") == [1] * 3, 20, "the others")
        assert len([source for source in poller.asked if source in many]) == PER_HOST
        poller.let.set()
        wait_until(lambda: polls(bench, *many) == [1] * len(many), 20, "all of that host, in turns")


def test_what_is_chosen_is_due_longest_and_of_hosts_that_are_free() -> None:
    due = [Due(f"a{number}", "https://a.example.org/") for number in range(9)]
    due += [Due("b", "https://b.example.org/"), Due("c", "https://c.example.org:8080/"), Due("d", "https://[")]
    taken = [Due("a0", "http://a.example.org/other")]
    room_for_all = choose(due, taken, 50)
    assert room_for_all == [f"a{number}" for number in range(1, PER_HOST)] + ["b", "c", "d"]
    assert choose(due, taken, 2) == room_for_all[:2]
    assert choose(due, taken, 0) == []


def test_claims_of_what_had_not_begun_are_given_back_at_the_end(bench: Bench) -> None:
    ids = [f"s{number}" for number in range(4)]
    add(bench, *ids)
    poller = Publishers(bench, lambda _: True)
    dispatcher = Dispatcher(bench.store, poller, WebClient(SETTINGS, bench.clock), "x", 2)
    assert dispatcher.step()
    assert all(bench.row(id_).claim_token for id_ in ids)
    begun = list(poller.asked)
    threading.Timer(0.2, poller.let.set).start()
    dispatcher.close()
    assert {id_: bench.row(id_).polls for id_ in ids} == {id_: int(id_ in begun) for id_ in ids}
    assert [bench.row(id_).claim_token for id_ in ids] == [None] * 4


def test_a_poll_that_hangs_at_the_end_is_given_up_and_due_for_others(bench: Bench) -> None:
    add(bench, "hangs")
    poller = Publishers(bench, lambda _: True)
    dispatcher = Dispatcher(bench.store, poller, WebClient(SETTINGS, bench.clock), "x", 2, stop_within=0.1)
    assert dispatcher.step()
    dispatcher.close()
    with bench.store.reading() as session:
        assert [one.id for one in due_sources(session, bench.clock.now(), 5)] == ["hangs"]
    poller.let.set()


def test_while_the_bus_takes_nothing_no_publisher_is_asked_again_and_nothing_is_lost(bench: Bench) -> None:
    for name in "ab":
        bench.site.serve(f"/{name}.xml", rss([Entry(name, f"Titel {name}")]))
        bench.add(name, f"/{name}.xml")
    bus = FlakyBus(bench.bus.path, bench.clock)  # type: ignore[attr-defined]  # the embedded one
    bus.sick = True
    dispatcher = Dispatcher(bench.store, bench.poller(bus), WebClient(SETTINGS, bench.clock), "x", 2)

    def failures() -> int:
        try:
            dispatcher.step()
        except BusUnavailable:
            return 1
        return 0

    both = ("/a.xml", "/b.xml")
    wait_until(lambda: failures() and all(map(bench.site.asked, both)), 20, "polls that find the bus sick")
    for _ in range(3):
        assert failures() == 1
    assert polls(bench, "a", "b") == [0, 0]
    bus.sick = False
    wait_until(lambda: (failures(), polls(bench, "a", "b"))[1] == [1, 1], 20, "both remembered")
    assert sorted(bench.bulk()) == ["Titel a", "Titel b"]
    assert [len(bench.site.asked(path)) for path in both] == [1, 1]
    dispatcher.close()
    bus.close()


def test_of_two_polls_of_one_source_the_one_that_holds_the_claim_is_remembered(bench: Bench) -> None:
    bench.site.serve("/feed.xml", rss([Entry("a", "Titel a")]))
    bench.add()
    claims = []
    for owner in ("first", "second"):
        with bench.store.writing() as session:
            claims += claim_due(session, bench.clock.now(), owner=owner, limit=1)
            expire_claims(session, "first")
    poller = bench.poller()
    done = [poller.poll(claim) for claim in claims]
    poller.publish(done)
    assert poller.remember(done) == [Status.LOST, Status.READ]
    assert bench.row().polls == 1


def test_what_a_look_found_is_claimed_little_by_little_without_looking_again(bench: Bench) -> None:
    ids = [f"s{number:02}" for number in range(15)]
    add(bench, *ids)
    asked: list[str] = []
    event.listen(bench.store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with dispatching(bench, Publishers(bench, lambda _: False), 1):
        wait_until(lambda: polls(bench, *ids) == [1] * 15, 20, "all, two at a time")
    looks = [sql for sql in asked if sql.startswith("SELECT sources.id, sources.url")]
    claims = [sql for sql in asked if sql.startswith("UPDATE sources SET claim_token")]
    assert len(looks) == 3  # one look, in three statements
    assert len(claims) > 3


def test_of_many_that_are_due_a_few_are_asked_before_the_others_are_claimed(bench: Bench) -> None:
    ids = [f"s{number:03}" for number in range(3 * FIRST + 4)]
    add(bench, *ids)
    claims: list[int] = []

    def listen(*told: object) -> None:
        if str(told[2]).startswith("UPDATE sources SET claim_token"):
            assert isinstance(told[3], list)
            claims.append(len(told[3]))

    event.listen(bench.store.engine, "before_cursor_execute", listen)
    with dispatching(bench, Publishers(bench, lambda _: False), len(ids)):
        wait_until(lambda: polls(bench, *ids) == [1] * len(ids), 20, "all of them")
    assert claims == [FIRST, 2 * FIRST, 4]


def test_a_look_is_forgotten_when_it_is_used_up_too_old_or_all_its_hosts_are_taken() -> None:
    due = [Due(name, f"https://{name}.example.org/") for name in "ab"]
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    look = Look(now, due)
    assert look.holds(now)
    assert not look.holds(now + LOOK_HOLDS)
    assert not look.holds(now - LOOK_HOLDS)  # a clock that was put back
    assert look.without(["a"]) == Look(now, due[1:])
    assert not look.without(["a", "b"]).holds(now)
    assert not look.without([]).holds(now)


@pytest.mark.parametrize("fetchers", [1, 3])
def test_every_source_is_polled_once_whatever_the_number_of_threads(bench: Bench, fetchers: int) -> None:
    ids = [f"s{number:02}" for number in range(15)]
    add(bench, *ids)
    poller = Publishers(bench, lambda _: False)
    with dispatching(bench, poller, fetchers):
        wait_until(lambda: polls(bench, *ids) == [1] * 15, 20, "all")
    assert sorted(poller.asked) == ids
