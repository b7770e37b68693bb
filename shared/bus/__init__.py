"""The bus port: topics of records that stay, groups that read them at least once, in order per key.

`shared.bus.sqlite` is the embedded log, `shared.bus.kafka` the Kafka adapter; `shared.bus.consume` is the one
loop that stages run. One contract suite (`tests/contract/test_bus*.py`) holds both adapters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from shared.bus.marks import Mark
from shared.bus.turnstile import Turnstile

COLLECTED: Final = "items.collected"
CLASSIFIED: Final = "items.classified"
ARCHIVED: Final = "items.archived"
BULK: Final = ".bulk"  # suffix of the lane for `backfill` and `reclassify`, and of the group that reads it
DEAD: Final = ".dead"  # suffix of the topic that holds a topic's dead letters
TOPICS: Final = (COLLECTED, COLLECTED + BULK, CLASSIFIED, CLASSIFIED + BULK, ARCHIVED)


@dataclass(frozen=True, slots=True)
class Message:
    """What a writer hands over. `key` orders (item id); `value` is one event as JSON, None is a tombstone."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A message with its place in the log. `at` is the time the log took it, not the time of the event."""

    topic: str
    partition: int
    offset: int
    at: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that cannot be processed. `reason` is for people, `error` the class name for grouping."""

    record: Record
    reason: str
    error: str
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What handling a batch asks for: (topic, message) pairs to publish, and records that are sick."""

    publish: tuple[tuple[str, Message], ...] = ()
    dead: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A record that was in hand when a process died: `attempts` were begun on it before."""

    record: Record
    attempts: int


class Reader(Protocol):
    """One member of one group on one topic. Not thread-safe: it lives in the thread that uses it."""

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Up to `limit` records after the position, waiting at most `timeout` seconds for the first.

        Advances the position, not the committed offset. Raises BusUnavailable.
        """
        ...

    def begin(self, records: Sequence[Record], attempts: int = 1) -> None:
        """Note durably, beside the offset, that these records are in hand, and for the how-manieth time.

        One of the `suspects` alone leaves the others noted as they were. No records: nothing is in hand any more.
        """
        ...

    def suspects(self) -> Mapping[tuple[int, int], int]:
        """(partition, offset) -> attempts begun, for records in hand when the last holder died uncleanly.

        What is committed leaves the mapping.
        """
        ...

    def commit(self, records: Sequence[Record], then: Sequence[Record] = ()) -> None:
        """These records, and all before them in their partitions, are done. Clears what `begin` noted.

        `then`, polled after them, are in hand from now on, as if begun for the first time: one write for both.
        While anything is in hand, a poll follows no request to rewind and takes no new partitions.
        """
        ...

    def rewind(self) -> None:
        """Back to the committed offset: what was polled and not committed comes again."""
        ...

    def pause(self) -> None:
        """Stay in the group, but give no records until `resume`."""
        ...

    def resume(self) -> None: ...

    def close(self) -> None:
        """Leave the group. Never raises, never blocks for more than ten seconds."""
        ...


class Bus(Protocol):
    """At least once, in order per key. Thread-safe. A process has one bus, and with it one turnstile."""

    @property
    def turnstile(self) -> Turnstile: ...

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        """Durable on return, or BusUnavailable, and then any part of them may have arrived."""
        ...

    def reader(self, topic: str, group: str) -> Reader:
        """Join `group` on `topic`. Raises Conflict where the group has its one active reader already."""
        ...

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """Make the topics, and their dead-letter topics, that are missing."""
        ...

    def check(self, topics: Sequence[str]) -> None:
        """Raises BusUnavailable, with what to do, when these topics would not take or give records now."""
        ...

    def marks(self, topics: Sequence[str]) -> Mapping[str, Mark]:
        """Topic -> which log it is, and how far it has come. Raises BusUnavailable."""
        ...

    def lag(self, topic: str, group: str) -> int:
        """Records of `topic` that `group` has not committed."""
        ...

    def committed(self, topic: str, group: str) -> int:
        """How far `group` is, over all partitions: it moves with every commit, whatever is published meanwhile."""
        ...

    def oldest_waiting(self, topic: str, group: str) -> datetime | None:
        """When the log took the oldest record that `group` has not committed; None when there is none."""
        ...

    def read(self, topic: str, after: int, limit: int) -> Sequence[Record]:
        """Records of a topic in order, without a group: for people who look. `after` counts offsets from -1."""
        ...

    def rewind(self, topic: str, group: str, to: datetime) -> None:
        """The group reads again from the first record that the log took at `to` or later.

        A live reader applies it between batches.
        """
        ...

    def close(self) -> None: ...
