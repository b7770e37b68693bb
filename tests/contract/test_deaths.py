"""A process that dies again and again looks alive whenever somebody looks; the next of its name counts."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event

import pytest

from services.cli.vitals import Vitals
from services.cli.waiting import Waiting
from shared.bus.sqlite import SqliteBus
from shared.runtime import Loop, LoopService
from shared.store import Store
from shared.telemetry.deaths import deaths
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def process(store: Store, tmp_path: Path) -> Iterator[Callable[..., Vitals]]:
    bus = SqliteBus(tmp_path / "bus.db")

    def process(name: str = "box") -> Vitals:
        vitals = Vitals(name, ("portal",), store, bus, Waiting(Event()))
        vitals.running.append(LoopService("portal", [Loop("portal", lambda: False)]))
        return vitals

    yield process
    bus.close()


def counted(store: Store) -> Mapping[str, int]:
    with store.reading() as session:
        return deaths(session, store.now(session))


def test_who_left_its_heartbeats_behind_died(store: Store, process: Callable[..., Vitals]) -> None:
    for _ in range(3):
        process().beat()
    assert counted(store) == {"box": 2}  # the first one found nobody's


def test_a_process_that_goes_on_dies_not(store: Store, process: Callable[..., Vitals]) -> None:
    vitals = process()
    for _ in range(5):
        vitals.beat()
    process("other").beat()
    assert counted(store) == {}


def test_a_stop_on_purpose_is_no_death(store: Store, process: Callable[..., Vitals]) -> None:
    for _ in range(3):
        vitals = process()
        vitals.beat()
        vitals.leave()
    assert counted(store) == {}


def test_after_an_hour_a_death_is_past(store: Store, clock: FakeClock, process: Callable[..., Vitals]) -> None:
    process().beat()
    process().beat()
    clock.advance(minutes=59)
    assert counted(store) == {"box": 1}
    clock.advance(minutes=1)
    assert counted(store) == {}
