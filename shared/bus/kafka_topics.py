"""Our topics at the brokers: made, looked after, and recognised when somebody deleted and made them again.

A topic that was made again begins at offset 0, and a reader that went on at its old place would skip what stands
before it. So readers compare the topic's id, which the brokers give anew each time, with the one they noted.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError

from shared.bus import DEAD
from shared.bus.kafka_errors import translated
from shared.bus.kafka_url import KafkaSettings
from shared.errors import BusUnavailable, ConfigError

CONTROL: Final = "vigie.control"
LARGEST: Final = 4 << 20  # bytes of one record: 200 kB of text, its verdict, and room
LOOK_EVERY: Final = 5.0  # seconds between two looks at a topic; publishing and polling ask far more often
CREATE_MS: Final = 15_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the brokers know it. `id` is empty where they are older than topic ids (Kafka 2.8)."""

    id: str
    partitions: int


class Topics:
    """Thread-safe. `administrator` gives the library's client."""

    def __init__(self, administrator: Callable[[], Any], settings: KafkaSettings) -> None:
        self._administrator, self._settings = administrator, settings
        self._seen: dict[str, tuple[float, Topic]] = {}

    def ensure(self, topics: Sequence[str]) -> None:
        """Make what is missing. Raises ConfigError when one has another number of partitions than the setting."""
        wanted = self._wanted(topics)
        there = self._look(tuple(wanted))
        if wrong := _wrong(wanted, there):
            raise ConfigError(wrong)
        self._create({name: count for name, count in wanted.items() if name not in there})

    def check(self, topics: Sequence[str]) -> None:
        """Raises BusUnavailable when one is missing or has another number of partitions than the setting."""
        wanted = self._wanted(topics)
        there = self._look(tuple(wanted))
        if missing := sorted(wanted.keys() - there.keys()):
            raise BusUnavailable(_missing(missing))
        if wrong := _wrong(wanted, there):
            raise BusUnavailable(f"{wrong} Then restart every process of Vigie.")

    def known(self, topic: str, within: float = LOOK_EVERY) -> Topic:
        """The topic as of so many seconds ago. Raises BusUnavailable when it is missing."""
        name = self._settings.prefix + topic
        looked, found = self._seen.get(name, (0.0, None))
        if found is None or time.monotonic() - looked > within:
            self._seen.pop(name, None)
            found = self._look([name]).get(name)
            if found is None:
                raise BusUnavailable(_missing([name]))
            self._seen[name] = time.monotonic(), found
        return found

    def _wanted(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Name -> number of partitions, with the topics of dead letters and of requests."""
        prefix, wanted = self._settings.prefix, {CONTROL: 1}
        for topic in topics:
            wanted |= {topic: self._settings.partitions, topic + DEAD: 1}
        return {prefix + name: count for name, count in wanted.items()}

    def _look(self, names: Sequence[str]) -> Mapping[str, Topic]:
        """Those of the topics that are there."""
        with translated("look at the topics", self._settings):
            found = self._administrator().describe_topics(list(names))
        return {
            topic["name"]: Topic(str(topic.get("topic_id") or ""), len(topic["partitions"]))
            for topic in found
            if not topic["error_code"]
        }

    def _create(self, missing: Mapping[str, int]) -> None:
        topics = [
            NewTopic(name, count, self._settings.replication, topic_configs=self._configs(name))
            for name, count in missing.items()
        ]
        if not topics:
            return
        with translated("create topics", self._settings):
            with suppress(TopicAlreadyExistsError):  # another process was faster
                self._administrator().create_topics(topics, timeout_ms=CREATE_MS)
            self._administrator().wait_for_topics(list(missing))

    def _configs(self, name: str) -> dict[str, str]:
        kept = name.endswith((DEAD, CONTROL))  # dead letters wait for a person
        return {
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(LARGEST),
            "retention.ms": "-1" if kept else str(self._settings.retention_days * 86_400_000),
        }


def _missing(names: Sequence[str]) -> str:
    topics = f"the topic {names[0]} is" if len(names) == 1 else f"the topics {', '.join(names)} are"
    return f"{topics} missing at the brokers of VIGIE_BUS_URL. Run `vigie migrate`; Vigie then goes on by itself."


def _wrong(wanted: Mapping[str, int], there: Mapping[str, Topic]) -> str | None:
    """What to say of the first topic with another number of partitions than wanted."""
    for name, topic in there.items():
        if topic.partitions != wanted[name]:
            break
    else:
        return None
    if name.endswith((DEAD, CONTROL)):
        return f"the topic {name} has {topic.partitions} partitions; Vigie reads one only. Make it anew with one."
    fewer = [n for n, t in there.items() if not n.endswith((DEAD, CONTROL)) and t.partitions < topic.partitions]
    first = f"give {', '.join(fewer)} as many, and " if fewer else ""
    return (
        f"the topic {name} has {topic.partitions} partitions, VIGIE_BUS_URL asks for {wanted[name]}. The order of "
        f"its keys hangs on the number: {first}set partitions={topic.partitions} in VIGIE_BUS_URL."
    )
