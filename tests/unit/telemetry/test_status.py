"""One look at the whole installation."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.bus import BULK, COLLECTED, DEAD, TOPICS, DeadLetter, Message
from shared.bus.dead import discard
from shared.bus.letters import letter_message
from shared.bus.sqlite import SqliteBus
from shared.store import Store
from shared.telemetry.health import beat
from shared.telemetry.lanes import READS
from shared.telemetry.status import read_status
from tests.fakes import FakeClock, a_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with closing(a_store(tmp_path, clock)) as opened:
        yield opened


@pytest.fixture
def bus(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteBus]:
    bus = SqliteBus(tmp_path / "bus.db", clock)
    bus.ensure_topics(TOPICS)
    yield bus
    bus.close()


def all_alive(store: Store, **errors: str) -> None:
    with store.writing() as session:
        beat(session, "host", {stage: errors.get(stage) for stage in READS}, store.now(session))


def test_an_installation_at_rest_is_ok(store: Store, bus: SqliteBus) -> None:
    all_alive(store)
    status = read_status(store, bus, store.clock)
    assert status.ok
    assert set(status.shown()) == {"ok", "items", "stages", "sources", "deliveries", "trouble", "findings"}
    assert status.shown()["stages"]["collector"] == {
        "alive": True,
        "backlog": 0,
        "dead": 0,
        "waits": None,
        "error": None,
    }
    assert set(status.facts.deliveries) == {"pending", "sending", "sent", "failed", "held", "unknown"}


def test_a_stage_that_does_not_run_is_not_ok(store: Store, bus: SqliteBus) -> None:
    status = read_status(store, bus, store.clock)
    assert not status.ok
    assert not status.facts.stages["portal"].alive


def test_a_red_stage_is_not_ok_and_says_why(store: Store, bus: SqliteBus) -> None:
    all_alive(store, notifier="the relay refuses everything")
    status = read_status(store, bus, store.clock)
    assert (status.ok, status.facts.stages["notifier"].error) == (False, "the relay refuses everything")


def test_what_waits_on_both_lanes_is_backlog(store: Store, bus: SqliteBus, clock: FakeClock) -> None:
    all_alive(store)
    bus.publish(COLLECTED + BULK, [Message("old", b"{}")])
    clock.advance(seconds=1)
    bus.publish(COLLECTED, [Message("new", b"{}")] * 2)
    status = read_status(store, bus, store.clock)
    classifier = status.facts.stages["classifier"]
    assert (status.ok, classifier.backlog, classifier.waits) == (True, 3, 1.0)


def test_open_dead_letters_are_counted_until_a_person_resolves_them(
    store: Store, bus: SqliteBus, clock: FakeClock
) -> None:
    all_alive(store)
    bus.publish(COLLECTED, [Message("sick", b"{}")])
    record = bus.read(COLLECTED, -1, 1)[0]
    letter = letter_message(DeadLetter(record, "no title", "Unprocessable"), "classifier")
    bus.publish(COLLECTED + DEAD, [letter])
    assert (
        read_status(store, bus, store.clock).ok,
        read_status(store, bus, store.clock).facts.stages["classifier"].dead,
    ) == (False, 1)
    discard(bus, f"{COLLECTED}@0", "a test page", clock.now())
    assert (
        read_status(store, bus, store.clock).ok,
        read_status(store, bus, store.clock).facts.stages["classifier"].dead,
    ) == (True, 0)
