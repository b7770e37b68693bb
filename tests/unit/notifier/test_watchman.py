"""What digests say of silence: asked once for all digests of a slot, and of the bodies that the mission names."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifier.letters import Watched
from services.notifier.watchman import FRESH, Watchman
from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.watched.rules import Proof
from shared.watched.spans import note_proof
from tests.fakes import FakeClock, FlakyBus, a_store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with closing(a_store(tmp_path, clock)) as store:
        yield store


@pytest.fixture
def bus(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteBus]:
    with closing(FlakyBus(tmp_path / "bus.db", clock)) as bus:
        bus.ensure_topics(TOPICS)
        yield bus


def proven(store: Store, clock: FakeClock, *sources: str) -> None:
    with store.writing() as session:
        for source in sources:
            note_proof(session, source, Proof(clock.now(), clock.now() + timedelta(days=2), "https://a", ()))


def some_sources(store: Store, *, named: bool) -> None:
    with store.writing() as session:
        for id_, name in (("a", "Amt A"), ("b", "Berg B"), ("c", "Cité C")):
            session.add(SourceRow(id=id_, name=name, url="https://a", named=named and id_ != "c"))


def test_it_counts_the_named_bodies_and_names_those_with_gaps(
    store: Store, bus: SqliteBus, clock: FakeClock
) -> None:
    some_sources(store, named=True)
    proven(store, clock, "a", "c")
    since = clock.now()
    clock.advance(hours=24)
    assert Watchman(store, bus).over(since) == Watched(2, ("Berg B",))


def test_without_named_bodies_it_counts_all(store: Store, bus: SqliteBus, clock: FakeClock) -> None:
    some_sources(store, named=False)
    proven(store, clock, "a", "b", "c")
    since = clock.now()
    clock.advance(hours=24)
    assert Watchman(store, bus).over(since) == Watched(3, ())


def test_an_answer_holds_for_all_digests_of_a_slot(store: Store, bus: SqliteBus, clock: FakeClock) -> None:
    some_sources(store, named=True)
    time = 0.0
    watchman = Watchman(store, bus, lambda: time)
    since = clock.now()
    clock.advance(hours=24)
    first = watchman.over(since)
    proven(store, clock, "a", "b")
    assert watchman.over(since) is first
    time = FRESH + 1
    assert watchman.over(since) is not first


def test_without_sources_there_is_nothing_to_say(store: Store, bus: SqliteBus, clock: FakeClock) -> None:
    assert Watchman(store, bus).over(clock.now() - timedelta(days=1)) is None
