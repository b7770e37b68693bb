"""A process that slept does not hang: what was under way gets its patience again."""

import pytest

from shared.awake import LATE, Awake
from shared.bus.watched import Watch
from shared.runtime import LoopHealth


class Seconds:
    """Time that is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def tick_for(awake: Awake, seconds: Seconds, ticks: int) -> float:
    age = 0.0
    for _ in range(ticks):
        seconds.now += 1.0
        age = awake.tick()
    return age


def test_a_process_that_ticks_is_awake_since_it_was_made(seconds: Seconds) -> None:
    assert tick_for(Awake(seconds), seconds, 700) == 700.0


def test_ticks_that_come_a_little_late_on_a_busy_machine_are_no_sleep(seconds: Seconds) -> None:
    awake = Awake(seconds)
    for _ in range(10):
        seconds.now += LATE - 0.5
        age = awake.tick()
    assert age == 10 * (LATE - 0.5)


def test_after_a_sleep_it_has_been_awake_for_no_time_at_all(seconds: Seconds) -> None:
    awake = Awake(seconds)
    tick_for(awake, seconds, 5)
    seconds.now += 3600.0
    assert awake.tick() == 0.0
    assert tick_for(awake, seconds, 3) == 3.0


def test_a_step_under_way_while_the_process_slept_hangs_only_when_its_patience_is_over_awake() -> None:
    health = LoopHealth(alive=True, since_turn=4000.0, stepping=4000.0, patience=600.0, error=None)
    assert health.hangs()
    assert not health.hangs(awake=0.0)
    assert not health.hangs(awake=600.0)
    assert health.hangs(awake=601.0)


def test_a_call_under_way_while_the_process_slept_is_overdue_only_when_its_time_is_over_awake(
    seconds: Seconds,
) -> None:
    watch = Watch(90.0, seconds)
    with watch.call("poll"):
        seconds.now += 3600.0
        assert watch.overdue() is not None
        assert watch.overdue(awake=5.0) is None
        assert watch.overdue(awake=91.0) == "poll has not returned for 3600 s"
