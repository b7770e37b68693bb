"""What a worker says of its stages: their own trouble, the bus's, or what they wait for."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from services.cli.vitals import STARTING, Vitals
from services.cli.waiting import Waiting
from shared.errors import BusUnavailable
from shared.runtime import Loop, LoopService
from shared.telemetry.health import leave, stages
from tests.fakes import FlakyBus, a_store


class SickBus(FlakyBus):
    """The embedded bus, which is red while `sick` is true."""

    def check(self, topics: object) -> None:
        if self.sick:
            raise BusUnavailable("the bus is sick")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SickBus]:
    bus = SickBus(tmp_path / "bus.db")
    yield bus
    bus.close()


def refused() -> bool:
    raise BusUnavailable("no turn")


def a_service(name: str, loop: Loop) -> LoopService:
    loop.turn()
    return LoopService(name, [loop])


def test_a_stage_says_its_own_trouble_and_the_bus_makes_the_others_red(tmp_path: Path, bus: SickBus) -> None:
    vitals = Vitals("host", ("collector", "portal"), a_store(tmp_path), bus, Waiting(Event()))
    vitals.running += [
        a_service("collector", Loop("poll", refused)),
        a_service("portal", Loop("portal", lambda: False)),
    ]
    assert vitals.errors() == {"collector": "poll: no turn", "portal": None}
    bus.sick = True
    vitals.look.turn()
    assert vitals.errors() == {"collector": "poll: no turn", "portal": "the bus is sick"}
    bus.sick = False
    vitals.look.turn()
    assert vitals.errors()["portal"] is None


def test_what_several_loops_of_a_stage_say_is_said_once(tmp_path: Path, bus: SickBus) -> None:
    vitals = Vitals("host", ("notifier",), a_store(tmp_path), bus, Waiting(Event()))
    loops = [Loop("deliver", refused), Loop("deliver#2", refused), Loop("match", lambda: False)]
    for loop in loops:
        loop.turn()
    vitals.running.append(LoopService("notifier", loops))
    assert vitals.errors() == {"notifier": "deliver: no turn"}


def test_a_stage_that_is_not_there_yet_says_what_it_waits_for(tmp_path: Path, bus: SickBus) -> None:
    waiting = Waiting(Event())
    passed = [0.0]
    names = ("collector", "portal")
    vitals = Vitals("host", names, a_store(tmp_path), bus, waiting, monotonic=lambda: passed[0])
    passed[0] = STARTING
    waiting.tried(refused)
    assert vitals.errors() == {"collector": "no turn", "portal": "no turn"}
    waiting.tried(lambda: True)
    assert vitals.errors() == {}


def test_a_stage_that_comes_up_in_a_living_process_is_not_silent_for_a_minute(
    tmp_path: Path, bus: SickBus
) -> None:
    passed = [100.0]
    names, store = ("collector", "portal"), a_store(tmp_path)
    vitals = Vitals("host", names, store, bus, Waiting(Event()), monotonic=lambda: passed[0])
    vitals.running.append(a_service("portal", Loop("portal", lambda: False)))

    def alive() -> set[str]:
        vitals.beat()
        with store.writing() as session:
            found = {name for name, one in stages(session, store.now(session)).items() if one.alive}
            leave(session, "host", names)
        return found

    assert alive() == {"collector", "portal"}
    passed[0] += STARTING
    assert alive() == {"portal"}
    store.close()
