"""What the bus suite is written with: a bus of each kind, messages, and patience."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.bus import Bus, Message, Reader, Record

PATIENCE = 20.0  # seconds until something that must arrive has arrived


@dataclass(frozen=True)
class Lab:
    """A bus under test: `bus` is open, `open` (which travels to other processes) opens it once more."""

    bus: Bus
    open: Callable[[], Bus]


def open_kafka(url: str) -> Bus:
    """A bus with a name of its own; a short session, so that the death of a member shows soon."""
    from shared.bus.kafka import KafkaBus

    return KafkaBus(f"{url}?session_timeout_ms=2000", f"test-{uuid.uuid4().hex[:8]}")


def messages(*keys: str, size: int = 1) -> list[Message]:
    return [Message(key, f"value of {key}".encode() * size, {"header": f"of {key} ä"}) for key in keys]


def drain(reader: Reader, count: int, limit: int = 100, commit: bool = False) -> list[Record]:
    """Poll until `count` records came; fails when they do not."""
    found: list[Record] = []
    end = time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} records came"
        records = reader.poll(limit, 1.0)
        found.extend(records)
        if commit and records:
            reader.commit(records)
    return found


def keys(records: Sequence[Record]) -> list[str]:
    return [record.message.key for record in records]
