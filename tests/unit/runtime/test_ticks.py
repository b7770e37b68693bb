"""Fixed ticks, also after a clock that was ahead was put right."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import SystemClock
from shared.ticks import JOB, Ticks
from tests.fakes import FakeClock
from tests.pipeline.harness import wait_until


@pytest.fixture
def ticks() -> Iterator[Ticks]:
    made = Ticks(0.2, SystemClock())
    made.start()
    yield made
    made.stop()


def test_the_first_tick_is_there_at_once_and_the_next_ones_come(ticks: Ticks) -> None:
    assert ticks.taken()
    wait_until(ticks.taken, 10, "the next tick")


def test_ticks_that_nobody_took_are_one() -> None:
    made = Ticks(3600, SystemClock())
    assert [made.taken(), made.taken()] == [True, False]


def test_a_run_that_a_wrong_clock_put_off_comes_at_once() -> None:
    """The scheduler planned by a clock that was three days ahead of the one that is right now."""
    made = Ticks(3600, FakeClock(datetime.now(UTC) - timedelta(days=3)))
    made.start()
    try:
        made.taken()
        wait_until(made.taken, 10, "the tick that was put off")
        assert made._scheduler.get_job(JOB) is not None
    finally:
        made.stop()
