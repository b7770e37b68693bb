"""What the Kafka adapter promises beyond the port: on the wire, and when somebody works at the topics."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import NewPartitions

from shared.bus import BULK, COLLECTED, TOPICS, Bus, Message, Outcome, Reader, Record
from shared.bus.consume import Consumer, Stage
from shared.bus.kafka import KafkaBus
from shared.errors import BusUnavailable, ConfigError
from shared.events import encode
from shared.items import Purpose
from tests.archived import a_collected
from tests.contract.bus_lab import PATIENCE, drain, keys, messages

SOON = 30.0  # seconds until clients have noticed what changed at the broker


@pytest.fixture
def prefix() -> str:
    return f"k{uuid.uuid4().hex[:8]}."


@pytest.fixture
def open_bus(kafka_url: str, prefix: str) -> Iterator[Callable[..., KafkaBus]]:
    """Open a bus with names of the test's own."""
    opened: list[KafkaBus] = []

    def open_bus(partitions: int = 2, instance: str = "test") -> KafkaBus:
        url = f"{kafka_url}?prefix={prefix}&partitions={partitions}&session_timeout_ms=3000"
        opened.append(KafkaBus(url, instance))
        return opened[-1]

    yield open_bus
    for bus in opened:
        bus.close()


@pytest.fixture
def bus(open_bus: Callable[..., KafkaBus]) -> KafkaBus:
    bus = open_bus()
    bus.ensure_topics(["items"])
    return bus


@pytest.fixture
def reader(bus: KafkaBus) -> Iterator[Reader]:
    reader = bus.reader("items", "group")
    yield reader
    reader.close()


@pytest.fixture
def admin(kafka_url: str) -> Iterator[Any]:
    admin = KafkaAdminClient(bootstrap_servers=kafka_url.removeprefix("kafka://").split(","))
    yield admin
    admin.close()


def values(records: Sequence[Record]) -> set[bytes]:
    return {record.message.value for record in records}


def read_until(reader: Reader, wanted: set[bytes]) -> list[Record]:
    """Read and commit as a stage does until all of `wanted` came; what came twice is in it twice."""
    found: list[Record] = []
    end = time.monotonic() + SOON
    while not wanted <= values(found):
        assert time.monotonic() < end, f"{len(wanted - values(found))} records did not come"
        records = reader.poll(100, 1.0)
        if records:
            reader.begin(records)
            reader.commit(records)
        found.extend(records)
    return found


def numbered(letter: str, count: int) -> list[Message]:
    return [Message(f"key{n}", f"{letter}{n}".encode()) for n in range(count)]


def test_events_carry_their_trace_and_type_as_headers_of_the_record(
    bus: KafkaBus, prefix: str, kafka_url: str
) -> None:
    message = encode(a_collected(), purpose=Purpose.LIVE, stage="collector", now=datetime(2026, 3, 2, tzinfo=UTC))
    bus.publish("items", [message])
    raw = KafkaConsumer(
        f"{prefix}items",
        bootstrap_servers=kafka_url.removeprefix("kafka://").split(","),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=int(PATIENCE * 1000),
    )
    headers = dict(next(raw).headers)
    raw.close()
    version, trace, span, flags = headers["traceparent"].decode().split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert headers["content-type"] == b"application/cloudevents+json; charset=UTF-8"


def test_nothing_is_skipped_in_a_topic_that_was_deleted_and_made_again_at_once(
    bus: KafkaBus, reader: Reader, admin: Any, prefix: str
) -> None:
    bus.publish("items", numbered("old", 20))
    read_until(reader, {f"old{n}".encode() for n in range(20)})
    admin.delete_topics([f"{prefix}items"])
    bus.ensure_topics(["items"])
    bus.publish("items", numbered("new", 100))
    read_until(reader, {f"new{n}".encode() for n in range(100)})
    assert bus.lag("items", "group") == 0


def test_nothing_is_skipped_when_the_topic_was_made_again_while_nobody_read(
    bus: KafkaBus, open_bus: Callable[..., KafkaBus], admin: Any, prefix: str
) -> None:
    first = bus.reader("items", "group")
    bus.publish("items", numbered("old", 20))
    read_until(first, {f"old{n}".encode() for n in range(20)})
    first.close()
    admin.delete_topics([f"{prefix}items"])
    other = open_bus(instance="other")
    other.ensure_topics(["items"])
    other.publish("items", numbered("new", 100))
    second = other.reader("items", "group")
    read_until(second, {f"new{n}".encode() for n in range(100)})
    second.close()


def test_a_missing_topic_is_named_at_once_and_the_work_goes_on_when_it_is_made(
    bus: KafkaBus, reader: Reader, admin: Any, prefix: str
) -> None:
    bus.publish("items", messages("a"))
    drain(reader, 1, commit=True)
    admin.delete_topics([f"{prefix}items"])
    begun = time.monotonic()
    for ask in (
        lambda: bus.check(["items"]),
        lambda: until_it_fails(lambda: reader.poll(1, 0.2)),
        lambda: bus.publish("items", messages("b")),
        lambda: bus.lag("items", "group"),
    ):
        with pytest.raises(BusUnavailable, match=rf"{prefix}items is missing.*VIGIE_BUS_URL.*vigie migrate"):
            ask()
    assert time.monotonic() - begun < PATIENCE
    bus.ensure_topics(["items"])
    bus.check(["items"])
    bus.publish("items", messages("c"))
    read_until(reader, {b"value of c"})


def until_it_fails(ask: Callable[[], object]) -> None:
    """A look at the topic is some seconds old at most."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ask()


def test_another_number_of_partitions_is_an_error_that_names_the_setting(
    bus: KafkaBus, open_bus: Callable[..., KafkaBus]
) -> None:
    with pytest.raises(ConfigError, match=r"2 partitions, VIGIE_BUS_URL asks for 3.*set partitions=2"):
        open_bus(3).ensure_topics(["items"])


def test_partitions_that_were_added_are_red_and_read_meanwhile(
    bus: KafkaBus, reader: Reader, admin: Any, prefix: str, open_bus: Callable[..., KafkaBus]
) -> None:
    bus.publish("items", numbered("a", 10))
    read_until(reader, {f"a{n}".encode() for n in range(10)})
    admin.create_partitions({f"{prefix}items": NewPartitions(total_count=4)})
    with pytest.raises(BusUnavailable, match=r"set partitions=4 in VIGIE_BUS_URL\. Then restart"):
        until_it_fails(lambda: bus.check(["items"]))
    late = open_bus(4, "late")
    late.publish("items", numbered("b", 40))  # its first look shows it all four
    found = read_until(reader, {f"b{n}".encode() for n in range(40)})
    assert {record.partition for record in found} == {0, 1, 2, 3}
    late.check(["items"])


def test_a_stage_that_finds_work_at_once_reads_its_bulk_lane_too(open_bus: Callable[..., KafkaBus]) -> None:
    bus = open_bus()
    bus.ensure_topics(TOPICS)
    bus.publish(COLLECTED, messages("live"))
    bus.publish(COLLECTED + BULK, messages("a", "b", "c", "d"))
    found: list[Record] = []

    def handle(records: Sequence[Record]) -> Outcome:
        found.extend(records)
        return Outcome()

    consumer = Consumer(bus, Stage("classifier", COLLECTED, handle))
    end = time.monotonic() + SOON
    while len(found) < 5:
        assert time.monotonic() < end, f"only {keys(found)} came"
        consumer.step()
    consumer.close()


def test_an_address_where_nobody_listens_is_named_at_once() -> None:
    begun = time.monotonic()
    with pytest.raises(BusUnavailable, match=r"no Kafka broker answers at 127\.0\.0\.1:1 .*VIGIE_BUS_URL"):
        KafkaBus("kafka://127.0.0.1:1", "test").ensure_topics(["items"])
    assert time.monotonic() - begun < PATIENCE / 2


def test_a_client_that_cannot_connect_leaves_nothing_behind() -> None:
    bus: Bus = KafkaBus("kafka://127.0.0.1:1", "test")
    before = open_files()
    for _ in range(5):
        with pytest.raises(BusUnavailable):
            bus.publish("items", messages("a"))
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
