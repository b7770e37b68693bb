"""A bus that knows how long its calls have been under way, so that a client that never returns is noticed.

kafka-python 3.0 waits for some answers without a limit (dpkp/kafka-python#3121). Such a call cannot be ended from
inside: the worker sees that it is overdue and ends itself.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import inf
from threading import Lock
from typing import Final

from shared.bus import Bus, Message, Reader, Record
from shared.bus.marks import Mark
from shared.bus.turnstile import Turnstile

# seconds. Longer than the slowest call takes by its own time-outs (a publish that needs a new producer: 82),
# shorter than the 120 after which a group takes the partitions from a member that does not poll.
LONGEST: Final = 90.0


class Watch:
    """The calls under way. Thread-safe."""

    def __init__(self, longest: float = LONGEST, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._longest, self._monotonic = longest, monotonic
        self._lock = Lock()
        self._calls: dict[object, tuple[str, float]] = {}

    @contextmanager
    def call(self, what: str) -> Iterator[None]:
        key = object()
        with self._lock:
            self._calls[key] = what, self._monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._calls[key]

    def overdue(self, awake: float = inf) -> str | None:
        """The call that has been under way for too long, and for how long; None when there is none.

        A process that woke up `awake` seconds ago could answer none before.
        """
        with self._lock:
            calls = list(self._calls.values())
        what, since = min(calls, key=lambda call: call[1], default=("", self._monotonic()))
        age = self._monotonic() - since
        return f"{what} has not returned for {age:.0f} s" if min(age, awake) > self._longest else None


class WatchedBus:
    """The bus port around another bus."""

    def __init__(self, bus: Bus, watch: Watch | None = None) -> None:
        self._bus, self._watch = bus, watch or Watch()

    def overdue(self, awake: float = inf) -> str | None:
        return self._watch.overdue(awake)

    @property
    def turnstile(self) -> Turnstile:
        return self._bus.turnstile

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        with self._watch.call(f"publish to {topic}"):
            self._bus.publish(topic, messages)

    def reader(self, topic: str, group: str) -> Reader:
        with self._watch.call(f"join {group} on {topic}"):
            return WatchedReader(self._bus.reader(topic, group), f"of {group} on {topic}", self._watch)

    def ensure_topics(self, topics: Sequence[str]) -> None:
        with self._watch.call("make topics"):
            self._bus.ensure_topics(topics)

    def check(self, topics: Sequence[str]) -> None:
        with self._watch.call("check the bus"):
            self._bus.check(topics)

    def marks(self, topics: Sequence[str]) -> Mapping[str, Mark]:
        with self._watch.call("recognise the bus"):
            return self._bus.marks(topics)

    def lag(self, topic: str, group: str) -> int:
        with self._watch.call(f"lag of {group} on {topic}"):
            return self._bus.lag(topic, group)

    def committed(self, topic: str, group: str) -> int:
        with self._watch.call(f"place of {group} on {topic}"):
            return self._bus.committed(topic, group)

    def oldest_waiting(self, topic: str, group: str) -> datetime | None:
        with self._watch.call(f"oldest record of {group} on {topic}"):
            return self._bus.oldest_waiting(topic, group)

    def read(self, topic: str, after: int, limit: int) -> Sequence[Record]:
        with self._watch.call(f"read {topic}"):
            return self._bus.read(topic, after, limit)

    def rewind(self, topic: str, group: str, to: datetime) -> None:
        with self._watch.call(f"rewind {group} on {topic}"):
            self._bus.rewind(topic, group, to)

    def close(self) -> None:
        with self._watch.call("close the bus"):
            self._bus.close()


class WatchedReader:
    """The reader port around another reader."""

    def __init__(self, reader: Reader, whose: str, watch: Watch) -> None:
        self._reader, self._whose, self._watch = reader, whose, watch

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        with self._watch.call(f"poll {self._whose}"):
            return self._reader.poll(limit, timeout)

    def begin(self, records: Sequence[Record], attempts: int = 1) -> None:
        with self._watch.call(f"note {self._whose}"):
            self._reader.begin(records, attempts)

    def suspects(self) -> Mapping[tuple[int, int], int]:
        return self._reader.suspects()

    def commit(self, records: Sequence[Record], then: Sequence[Record] = ()) -> None:
        with self._watch.call(f"commit {self._whose}"):
            self._reader.commit(records, then)

    def rewind(self) -> None:
        with self._watch.call(f"rewind {self._whose}"):
            self._reader.rewind()

    def pause(self) -> None:
        self._reader.pause()

    def resume(self) -> None:
        self._reader.resume()

    def close(self) -> None:
        with self._watch.call(f"close {self._whose}"):
            self._reader.close()
