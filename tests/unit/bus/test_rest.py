"""A stage that has had nothing to do for a while rests, once, until there was something again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.bus import COLLECTED, Message, Outcome
from shared.bus.consume import REST, Consumer, Stage
from shared.bus.sqlite import SqliteBus


class Wall:
    """Monotonic time that the test moves."""

    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SqliteBus]:
    bus = SqliteBus(tmp_path / "bus.db")
    yield bus
    bus.close()


def test_a_stage_rests_once_when_nothing_came_for_a_while(bus: SqliteBus) -> None:
    wall, rests = Wall(), []
    stage = Stage("stage", COLLECTED, lambda _: Outcome(()), rest=lambda: rests.append(wall.time))
    consumer = Consumer(bus, stage, wait=0.0, monotonic=wall)

    def after(seconds: float) -> int:
        wall.time += seconds
        consumer.step()
        return len(rests)

    assert after(0) == 0
    assert after(REST - 1) == 0
    bus.publish(COLLECTED, [Message("key", b"value")])
    assert [after(1), after(REST - 1)] == [0, 0]
    assert [after(1), after(REST)] == [1, 1]
    bus.publish(COLLECTED, [Message("key", b"value")])
    assert [after(1), after(REST)] == [1, 2]
    consumer.close()
