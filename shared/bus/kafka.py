"""The bus on Apache Kafka, through kafka-python 3. The `kafka_*` modules here are the one door to that library.

At least once and in order per key: the producer is idempotent and every send is checked; offsets are committed by
hand after the effect. Topics stamp records with the time the log took them, so that a rewind to a time is exact.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError

from shared.bus import Message, Record
from shared.bus.kafka_clients import forget_coordinators, make_client
from shared.bus.kafka_control import Control
from shared.bus.kafka_errors import translated
from shared.bus.kafka_notes import read_note
from shared.bus.kafka_reader import KafkaReader
from shared.bus.kafka_records import record_of
from shared.bus.kafka_topics import LARGEST, Topics
from shared.bus.kafka_url import read_url
from shared.bus.marks import Mark
from shared.bus.turnstile import Turnstile
from shared.errors import BusUnavailable, NotFound

log = logging.getLogger(__name__)

SEND_SECONDS: Final = 30  # after which the library gives a record up
ANSWER_MS: Final = 15_000
CLOSE_SECONDS: Final = 2
EARLIEST, LATEST = -2, -1  # Kafka's names for the ends of a log


class KafkaBus:
    """The bus port on Apache Kafka. Clients are made when first needed, and once."""

    def __init__(self, url: str, instance: str) -> None:
        self.turnstile = Turnstile()
        self.settings = read_url(url)
        self._instance = instance
        self._lock = threading.RLock()
        self._producer: Any = None
        self._admin: Any = None
        self._control: Control | None = None
        self._topics = Topics(self._administrator, self.settings)
        self._closed = False
        self._names: dict[str, int] = {}  # how many readers of a group this process has had

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if not messages:
            return
        self._topics.known(topic)  # a missing one would cost half a minute, and be called a time-out
        producer = self._sender()
        try:
            with translated(f"publish to {topic}", self.settings):
                sent = [
                    producer.send(
                        self._named(topic), key=m.key.encode(), value=m.value, headers=_headers(m.headers)
                    )
                    for m in messages
                ]
                producer.flush(
                    SEND_SECONDS + 5
                )  # longer than the library tries, so that every future has an answer
                for future in sent:  # flush does not tell what failed: every future does
                    future.get(0)
        except BusUnavailable:
            self._discard(producer)
            self._topics.known(topic, within=0.0)  # when it is gone by now, that is the cause
            raise

    def reader(self, topic: str, group: str) -> KafkaReader:
        with self._lock:
            number = self._names.get(f"{topic}/{group}", 0)
            self._names[f"{topic}/{group}"] = number + 1
        name = f"{self._instance}.{group}.{number}" if number else f"{self._instance}.{group}"
        consumer = self._make(
            KafkaConsumer,
            group_id=self._named(group),
            group_instance_id=name,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=self.settings.session_timeout_ms,
            heartbeat_interval_ms=max(200, self.settings.session_timeout_ms // 4),
            max_poll_interval_ms=120_000,
            fetch_max_wait_ms=200,
        )
        leave = partial(self._leave, self._named(group), name)
        return KafkaReader(consumer, topic, group, self._requests(), self._topics, self.settings, leave)

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """As the port says. Raises ConfigError when a topic has another number of partitions than the setting."""
        self._topics.ensure(topics)

    def check(self, topics: Sequence[str]) -> None:
        self._topics.check(topics)

    def marks(self, topics: Sequence[str]) -> Mapping[str, Mark]:
        known = {topic: self._topics.known(topic, within=0.0) for topic in topics}
        with translated("look at the topics", self.settings):
            tps = [
                TopicPartition(self._named(name), n) for name, at in known.items() for n in range(at.partitions)
            ]
            ends = self._administrator().list_partition_offsets(dict.fromkeys(tps, LATEST))
        came: Counter[str] = Counter()
        for tp in tps:
            came[tp.topic] += ends[tp].offset
        return {name: Mark(at.id, came[self._named(name)]) for name, at in known.items()}

    def lag(self, topic: str, group: str) -> int:
        return sum(end - place for place, end in self._places(topic, group).values())

    def committed(self, topic: str, group: str) -> int:
        return sum(place for place, _ in self._places(topic, group).values())

    def oldest_waiting(self, topic: str, group: str) -> datetime | None:
        waiting = {tp: place for tp, (place, end) in self._places(topic, group).items() if end > place}
        found = [record.at for tp, place in waiting.items() for record in self._look(tp, place, 1)]
        return min(found, default=None)

    def read(self, topic: str, after: int, limit: int) -> Sequence[Record]:
        """As the port says, for topics of one partition, as those of dead letters are."""
        return self._look(TopicPartition(self._named(topic), 0), after + 1, limit)

    def rewind(self, topic: str, group: str, to: datetime) -> None:
        """As the port says. Raises NotFound for a group that never read."""
        with self._asking(f"rewind {group}") as admin:
            name = self._named(group)
            known = admin.list_group_offsets({name: None}).get(name, {})
        if not any(tp.topic == self._named(topic) for tp in known):
            raise NotFound(f"no group {group!r} has read {topic} yet; there is nothing to rewind.")
        self._requests().ask(self._sender(), self._administrator(), topic, group, to)

    def close(self) -> None:
        with self._lock:
            if self._producer is not None:
                _end(partial(self._producer.close, timeout=CLOSE_SECONDS))
            for client in (self._admin, self._control):
                if client is not None:
                    _end(client.close)
            self._producer = self._admin = self._control = None
            self._closed = True

    def _named(self, name: str) -> str:
        """A topic or group as the cluster knows it."""
        return self.settings.prefix + name

    def _leave(self, group: str, name: str) -> None:
        """Take a member off its group: a static one that only goes silent keeps its partitions for a while."""
        with self._asking(f"leave {group}") as admin:
            admin.remove_group_members(group, [MemberToRemove(group_instance_id=name)])

    def _sender(self) -> Any:
        with self._lock:
            if self._producer is None:
                self._producer = self._make(
                    KafkaProducer,
                    linger_ms=5,
                    compression_type="zstd",
                    max_request_size=LARGEST,
                    max_block_ms=ANSWER_MS,
                    request_timeout_ms=ANSWER_MS,
                    delivery_timeout_ms=SEND_SECONDS * 1000,
                )
            return self._producer

    def _discard(self, producer: Any) -> None:
        """Let the next publish make a new producer: one that gave a batch up never sends again.

        Seen with kafka-python 3.0.12: it drains later batches, and then only lets them expire.
        """
        with self._lock:
            if self._producer is producer:
                self._producer = None
        _end(partial(producer.close, timeout=CLOSE_SECONDS))

    def _administrator(self) -> Any:
        with self._lock:
            if self._admin is None:
                self._admin = self._make(KafkaAdminClient, request_timeout_ms=ANSWER_MS)
            return self._admin

    @contextmanager
    def _asking(self, what: str) -> Iterator[Any]:
        """The administrator, which looks for the coordinators of groups anew after a failure."""
        admin = self._administrator()
        try:
            with translated(what, self.settings):
                yield admin
        except BusUnavailable:
            forget_coordinators(admin)
            raise

    def _requests(self) -> Control:
        with self._lock:
            if self._control is None:
                self._control = Control(
                    self._make(KafkaConsumer, group_id=None, fetch_max_wait_ms=50), self._topics, self.settings
                )
            return self._control

    def _make(self, kind: Callable[..., Any], **config: Any) -> Any:
        if self._closed:
            raise BusUnavailable("the bus is closed")
        return make_client(
            kind, self.settings, self._instance, **{"request_timeout_ms": ANSWER_MS + 5_000, **config}
        )

    def _places(self, topic: str, group: str) -> Mapping[Any, tuple[int, int]]:
        """Partition -> (next offset of the group, end of the log)."""
        known = self._topics.known(topic)
        with self._asking(f"look at {topic}") as admin:
            topic, group = self._named(topic), self._named(group)
            tps = [TopicPartition(topic, n) for n in range(known.partitions)]
            ends = admin.list_partition_offsets(dict.fromkeys(tps, LATEST))
            starts = admin.list_partition_offsets(dict.fromkeys(tps, EARLIEST))
            committed = admin.list_group_offsets({group: tps}).get(group, {})
        ours = {tp: place.offset for tp, place in committed.items() if read_note(place.metadata).fits(known.id)}
        return {tp: (max(starts[tp].offset, ours.get(tp, -1)), ends[tp].offset) for tp in tps}

    def _look(self, tp: Any, offset: int, limit: int) -> Sequence[Record]:
        self._topics.known(tp.topic.removeprefix(self.settings.prefix))
        with self._onlooker() as consumer, translated(f"read {tp.topic}", self.settings):
            consumer.assign([tp])
            end, start = consumer.end_offsets([tp])[tp], consumer.beginning_offsets([tp])[tp]
            consumer.seek(tp, max(offset, start))
            found: list[Record] = []
            prefix = self.settings.prefix
            while len(found) < limit and consumer.position(tp) < end:
                batch = consumer.poll(timeout_ms=500, max_records=limit - len(found)).get(tp, ())
                found.extend(record_of(record, prefix) for record in batch)
            return tuple(found)

    @contextmanager
    def _onlooker(self) -> Iterator[Any]:
        consumer = self._make(KafkaConsumer, group_id=None, enable_auto_commit=False, fetch_max_wait_ms=50)
        try:
            yield consumer
        finally:
            consumer.close(autocommit=False)


def _end(close: Callable[[], object]) -> None:
    """Close a client. What it could not deliver was reported to whoever sent it."""
    try:
        close()
    except KafkaError as error:
        log.warning("client did not close", extra={"reason": str(error)})


def _headers(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]
