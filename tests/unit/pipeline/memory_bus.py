"""A bus in memory that can die at any call: a double for failure injection, held to the port by its types."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shared.bus import DEAD, Message, Record
from shared.bus.marks import Mark
from shared.bus.turnstile import Turnstile
from shared.clock import Clock


class Crash(BaseException):
    """The process dies here. Not an Exception: no handler of the product may catch it."""


class MemoryBus:
    """`before` is called with the name of each step and may raise Crash; what was done before it stays done."""

    def __init__(self, clock: Clock, before: Callable[[str], None]) -> None:
        self.clock = clock
        self.before = before
        self.turnstile = Turnstile()
        self.logs: dict[str, list[Record]] = defaultdict(list)
        self.places: dict[tuple[str, str], int] = defaultdict(int)
        self.in_hand: dict[tuple[str, str], dict[tuple[int, int], int]] = defaultdict(dict)

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        for message in messages:
            self.before(f"publish to {topic}")
            log = self.logs[topic]
            log.append(Record(topic, 0, len(log), self.clock.now(), message))
        self.before(f"published to {topic}")

    def reader(self, topic: str, group: str) -> "MemoryReader":
        return MemoryReader(self, topic, group)

    def ensure_topics(self, topics: Sequence[str]) -> None:
        for topic in topics:
            self.logs[topic], self.logs[topic + DEAD]

    def marks(self, topics: Sequence[str]) -> Mapping[str, Mark]:
        return {topic: Mark("memory", len(self.logs[topic])) for topic in topics}

    def lag(self, topic: str, group: str) -> int:
        return len(self.logs[topic]) - self.places[topic, group]

    def committed(self, topic: str, group: str) -> int:
        return self.places[topic, group]

    def oldest_waiting(self, topic: str, group: str) -> datetime | None:
        waiting = self.logs[topic][self.places[topic, group] :]
        return waiting[0].at if waiting else None

    def read(self, topic: str, after: int, limit: int) -> Sequence[Record]:
        return self.logs[topic][after + 1 : after + 1 + limit]

    def rewind(self, topic: str, group: str, to: datetime) -> None:
        self.places[topic, group] = next(
            (record.offset for record in self.logs[topic] if record.at >= to), len(self.logs[topic])
        )

    def close(self) -> None:
        """Nothing to close."""


class MemoryReader:
    """One member of a group."""

    def __init__(self, bus: MemoryBus, topic: str, group: str) -> None:
        self.bus, self.topic, self.key = bus, topic, (topic, group)
        self.position = bus.places[self.key]
        self.noted = dict(bus.in_hand[self.key])
        self.paused = False

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        self.bus.before(f"poll {self.topic}")
        if self.paused:
            return ()
        found = self.bus.logs[self.topic][self.position : self.position + limit]
        self.position += len(found)
        return found

    def begin(self, records: Sequence[Record], attempts: int = 1) -> None:
        self.bus.in_hand[self.key] = {(record.partition, record.offset): attempts for record in records}
        self.bus.before(f"begun {self.topic}")

    def suspects(self) -> Mapping[tuple[int, int], int]:
        return self.noted

    def commit(self, records: Sequence[Record], then: Sequence[Record] = ()) -> None:
        self.bus.before(f"commit {self.topic}")
        if records:
            end = self.bus.places[self.key] = max(record.offset for record in records) + 1
            self.noted = {place: attempts for place, attempts in self.noted.items() if place[1] >= end}
        self.bus.in_hand[self.key] = {(record.partition, record.offset): 1 for record in then}
        self.bus.before(f"committed {self.topic}")

    def rewind(self) -> None:
        self.position = self.bus.places[self.key]

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def close(self) -> None:
        """Nothing to close."""
