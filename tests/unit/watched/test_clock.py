"""What was watched, when the clock was wrong: conservative, and never for longer than need be."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.telemetry.clocks import put_right_if_back
from shared.watched.rules import Why
from tests.fakes import FakeClock, a_store
from tests.unit.watched.test_answer import Desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FakeClock()
    with closing(a_store(tmp_path, clock)) as store, closing(SqliteBus(tmp_path / "bus.db", clock)) as bus:
        bus.ensure_topics(TOPICS)
        desk = Desk(store, bus, clock)
        desk.source("haus")
        yield desk


def poll_for(desk: Desk, hours: int) -> None:
    for _ in range(hours * 2):
        desk.polled("haus")
        look(desk)
        desk.clock.advance(minutes=30)


def look(desk: Desk) -> None:
    with desk.store.writing() as session:
        put_right_if_back(desk.store, session, desk.clock.now())


def gaps(desk: Desk) -> list[tuple[datetime, datetime, Why]]:
    return [(gap.since, gap.until, gap.why) for gap in desk.ask().gaps]


def test_the_time_that_a_clock_ahead_left_out_is_a_gap_as_far_as_it_is_over(desk: Desk) -> None:
    poll_for(desk, 5)
    last = desk.clock.now() - HOUR / 2
    desk.clock.advance(days=3)
    poll_for(desk, 5)
    desk.clock.advance(days=-3)
    look(desk)
    back = desk.clock.now()
    poll_for(desk, 90)
    assert gaps(desk) == [(last, back, Why.CLOCK)]


def test_times_that_come_again_keep_the_gaps_that_they_had(desk: Desk) -> None:
    poll_for(desk, 5)
    ended = desk.clock.now() - HOUR / 2
    desk.failed("haus")
    desk.clock.advance(hours=3)
    began = desk.clock.now()
    poll_for(desk, 5)
    desk.clock.advance(hours=-12)  # to before the failure
    look(desk)
    poll_for(desk, 20)
    told = gaps(desk)
    assert (ended, began, Why.FAILING) in told
    assert all(until - since <= HOUR or (since, until) == (ended, began) for since, until, _ in told)


def test_a_failure_that_lasts_while_the_clock_falls_back_stays_a_gap(desk: Desk) -> None:
    poll_for(desk, 5)
    ended = desk.clock.now() - HOUR / 2
    desk.failed("haus")
    desk.clock.advance(hours=3)
    look(desk)
    latest = desk.clock.now()
    desk.clock.advance(hours=-6)
    look(desk)
    poll_for(desk, 12)
    assert (ended, latest, Why.FAILING) in gaps(desk)
