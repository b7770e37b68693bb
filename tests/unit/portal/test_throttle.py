"""How often a client may ask, also when the clock was ahead and is put right."""

from datetime import timedelta

import pytest

from services.portal.throttle import PER_CLIENT, Throttle
from tests.fakes import FakeClock


def ask(throttle: Throttle, clock: FakeClock, times: int) -> list[bool]:
    return [throttle.allows("192.0.2.1", clock.now()) for _ in range(times)]


def test_a_client_may_ask_so_often_in_a_minute_and_then_again() -> None:
    throttle, clock = Throttle(), FakeClock()
    most = PER_CLIENT[0][0]
    assert ask(throttle, clock, most + 1) == [True] * most + [False]
    clock.advance(seconds=60)
    assert ask(throttle, clock, 1) == [True]


@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(days=3650)])
def test_who_asked_in_the_future_may_ask_now(ahead: timedelta) -> None:
    throttle, clock = Throttle(), FakeClock()
    ask(throttle, clock, 1)
    clock.advance(days=ahead.days)
    ask(throttle, clock, PER_CLIENT[0][0])
    clock.advance(days=-ahead.days)
    assert ask(throttle, clock, 2) == [True, True]
