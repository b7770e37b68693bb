"""A loop: turns, pauses, stays alive, says how it is."""

import time
from collections.abc import Callable
from threading import Event

import pytest

from shared.errors import StoreUnavailable
from shared.runtime import LONGEST_PAUSE, Loop, LoopService

SOON = 30.0  # seconds for what must happen, on any machine


def throws(error: Exception) -> Callable[[], bool]:
    def step() -> bool:
        raise error

    return step


def test_a_step_that_worked_is_followed_at_once_and_one_that_did_not_after_a_rest() -> None:
    answers = iter([True, False])
    loop = Loop("loop", lambda: next(answers), idle=7.0)
    assert [loop.turn(), loop.turn()] == [0.0, 7.0]


def test_a_sick_world_makes_the_pauses_grow_to_ten_seconds() -> None:
    loop = Loop("loop", throws(StoreUnavailable("the database does not answer")))
    pauses = [loop.turn() for _ in range(10)]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses[-1] == LONGEST_PAUSE
    assert loop.health().error == "the database does not answer"


def test_any_exception_turns_the_loop_red_and_the_next_good_step_green() -> None:
    answers: list[Callable[[], bool]] = [lambda: True, throws(KeyError("oh"))]
    loop = Loop("loop", lambda: answers.pop()())
    assert loop.turn() > 0
    assert loop.health().error == "KeyError: 'oh'"
    loop.turn()
    assert loop.health().error is None


def test_trouble_beside_the_steps_shows_red() -> None:
    loop = Loop("loop", lambda: True, trouble=lambda: "the bulk lane rests")
    loop.turn()
    assert loop.health().error == "the bulk lane rests"


def test_a_failure_is_logged_once_however_often_it_repeats(caplog: pytest.LogCaptureFixture) -> None:
    loop = Loop("loop", throws(StoreUnavailable("down")))
    for _ in range(5):
        loop.turn()
    assert [record.getMessage() for record in caplog.records] == ["step failed"]


def test_a_service_starts_its_loops_and_stops_them() -> None:
    turned, closed = Event(), Event()

    def step() -> bool:
        turned.set()
        return False

    service = LoopService("service", [Loop("loop", step, 60.0, close=closed.set)])
    service.start()
    assert turned.wait(SOON)
    assert service.health()["loop"].alive
    begun = time.monotonic()
    service.stop(SOON)
    assert time.monotonic() - begun < SOON
    assert closed.is_set()
    assert not service.health()["loop"].alive


def test_a_loop_that_never_started_can_be_stopped() -> None:
    LoopService("service", [Loop("loop", lambda: True)]).stop(1.0)


def test_a_step_longer_than_the_patience_counts_as_hanging_and_a_rest_does_not() -> None:
    inside, leave = Event(), Event()

    def step() -> bool:
        inside.set()
        leave.wait(SOON)
        return False

    loop = Loop("loop", step, 60.0, patience=0.05)
    loop.start()
    assert inside.wait(SOON)
    time.sleep(0.1)  # the step is real, and so is its length
    assert loop.health().hangs()
    leave.set()
    loop.stop()
    assert loop.join(SOON)
    time.sleep(0.1)
    assert not loop.health().hangs()


def test_a_step_without_patience_may_last() -> None:
    inside, leave = Event(), Event()

    def serve() -> bool:
        inside.set()
        leave.wait(SOON)
        return False

    loop = Loop("web", serve, patience=None)
    loop.start()
    assert inside.wait(SOON)
    assert not loop.health().hangs()
    leave.set()
    loop.stop()
    assert loop.join(SOON)
