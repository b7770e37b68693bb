"""How long calls on the bus have been under way, and when one counts as hanging."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.bus import COLLECTED, Message
from shared.bus.sqlite import SqliteBus
from shared.bus.watched import LONGEST, Watch, WatchedBus
from shared.runtime import PATIENCE


class Seconds:
    """Time that is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def watch(seconds: Seconds) -> Watch:
    return Watch(90.0, seconds)


def test_a_call_that_does_not_return_is_overdue_and_says_which(watch: Watch, seconds: Seconds) -> None:
    with watch.call("poll of classifier on items.collected"):
        seconds.now = 90.0
        assert watch.overdue() is None
        seconds.now = 95.0
        assert watch.overdue() == "poll of classifier on items.collected has not returned for 95 s"
    assert watch.overdue() is None


def test_the_oldest_of_many_calls_counts(watch: Watch, seconds: Seconds) -> None:
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(watch.call("first"))
        seconds.now = 50.0
        second.enter_context(watch.call("second"))
        seconds.now = 100.0
        assert str(watch.overdue()).startswith("first")
        first.close()
        assert watch.overdue() is None


def test_a_call_that_fails_is_over(watch: Watch, seconds: Seconds) -> None:
    with pytest.raises(OSError), watch.call("publish"):
        raise OSError
    seconds.now = 1000.0
    assert watch.overdue() is None


@pytest.fixture
def bus(tmp_path: Path, watch: Watch) -> Iterator[WatchedBus]:
    bus = WatchedBus(SqliteBus(tmp_path / "bus.db"), watch)
    yield bus
    bus.close()


def test_a_watched_bus_is_a_bus(bus: WatchedBus) -> None:
    bus.ensure_topics([COLLECTED])
    bus.check([COLLECTED])
    bus.publish(COLLECTED, [Message("key", b"value")])
    assert bus.lag(COLLECTED, "group") == 1
    reader = bus.reader(COLLECTED, "group")
    records = reader.poll(10, 0.0)
    reader.begin(records)
    reader.commit(records)
    reader.close()
    assert bus.committed(COLLECTED, "group") == 1
    assert (len(records), bus.lag(COLLECTED, "group"), bus.oldest_waiting(COLLECTED, "group")) == (1, 0, None)


class SlowBus(SqliteBus):
    """Time passes inside its calls, and it notes what the watch says then."""

    seconds: Seconds
    watch: Watch

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        self.seconds.now += 100.0
        self.heard = self.watch.overdue()
        super().publish(topic, messages)


def test_a_call_that_outlasts_the_limit_is_seen_from_outside(
    tmp_path: Path, watch: Watch, seconds: Seconds
) -> None:
    slow = SlowBus(tmp_path / "slow.db")
    slow.seconds, slow.watch = seconds, watch
    WatchedBus(slow, watch).publish(COLLECTED, [Message("key", b"value")])
    assert slow.heard == "publish to items.collected has not returned for 100 s"
    slow.close()


def test_the_limit_of_a_call_is_far_below_that_of_a_step_and_below_what_a_group_grants() -> None:
    assert LONGEST < 120.0 < PATIENCE
