"""Requests to rewind a group, on a topic of their own: a live group's offsets can only be moved by its members.

Every reader follows a request once per partition: the number of the last one that it followed stands in the note
beside the committed offset.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from shared.bus.kafka_errors import translated
from shared.bus.kafka_notes import Note
from shared.bus.kafka_records import offsets_at
from shared.bus.kafka_topics import CONTROL, Topics
from shared.bus.kafka_url import KafkaSettings

LOOK_EVERY: Final = 1.0  # seconds between two looks for new requests


@dataclass(frozen=True, slots=True)
class Request:
    """Read again from the first record that the log took at `to` or later. `number` orders the requests."""

    number: int
    to: datetime


class Control:
    """The requests made so far. Thread-safe."""

    def __init__(self, consumer: Any, topics: Topics, settings: KafkaSettings) -> None:
        self._consumer, self._topics, self._settings = consumer, topics, settings
        self._id = ""  # of the topic, when we last looked
        self._place = TopicPartition(settings.prefix + CONTROL, 0)
        self._lock = threading.Lock()
        self._looked = 0.0
        self._last: dict[tuple[str, str], Request] = {}
        self._newest = -1
        with translated("read the rewind requests", settings):
            consumer.assign([self._place])
            consumer.seek_to_beginning(self._place)

    def last(self, topic: str, group: str) -> Request | None:
        """The newest request for a group."""
        self._look()
        return self._last.get((topic, group))

    def newest(self) -> int:
        """The number of the newest request of all."""
        self._look()
        return self._newest

    def ask(self, producer: Any, admin: Any, topic: str, group: str, to: datetime) -> None:
        """Leave a request for the live members; where the group has none, move its offsets at once."""
        value = json.dumps({"topic": topic, "group": group, "to": to.isoformat()}).encode()
        with translated(f"rewind {group}", self._settings):
            number = producer.send(self._place.topic, key=group.encode(), value=value).get(30).offset
            offsets = self._offsets(self._settings.prefix + topic, to)
            moved = {tp: OffsetAndMetadata(offset, Note(number).text(), -1) for tp, offset in offsets.items()}
            admin.alter_group_offsets(
                self._settings.prefix + group, moved
            )  # answers an error per partition while the group lives: fine

    def close(self) -> None:
        self._consumer.close(autocommit=False)

    def _look(self) -> None:
        with self._lock:
            if time.monotonic() - self._looked < LOOK_EVERY:
                return
            self._recognise()
            with translated("read the rewind requests", self._settings):
                end = self._consumer.end_offsets([self._place])[self._place]
                while self._consumer.position(self._place) < end:
                    for record in self._consumer.poll(timeout_ms=500).get(self._place, ()):
                        self._take(record.offset, json.loads(record.value))
            self._looked = time.monotonic()

    def _recognise(self) -> None:
        """Raises BusUnavailable while the topic is missing; forgets what stood in it when it was made again."""
        found = self._topics.known(CONTROL).id
        if self._id and found != self._id:
            self._last, self._newest = {}, -1
            self._consumer.seek_to_beginning(self._place)
        self._id = found

    def _take(self, number: int, request: Mapping[str, str]) -> None:
        self._newest = number
        place = request["topic"], request["group"]
        self._last[place] = Request(number, datetime.fromisoformat(request["to"]))

    def _offsets(self, topic: str, to: datetime) -> Mapping[Any, int]:
        with self._lock:
            tps = [TopicPartition(topic, n) for n in self._consumer.partitions_for_topic(topic) or ()]
            return offsets_at(self._consumer, tps, to)
