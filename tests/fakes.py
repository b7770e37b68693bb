"""Doubles for time and failure injection, and builders with defaults. Everything else in the tests is real."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.bus import Message
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock
from shared.errors import BusUnavailable
from shared.store import Store


class FakeClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> datetime:
        self._now += timedelta(**by)
        return self._now


def a_store(folder: Path, clock: Clock | None = None) -> Store:
    """A real SQLite store in `folder`, its schema made by the migrations."""
    from shared.store.migrate import upgrade

    url = f"sqlite:///{folder / 'vigie.db'}"
    upgrade(url)
    return Store(url, clock)


class FlakyBus(SqliteBus):
    """The embedded bus, whose `publish` fails while `sick` is true."""

    sick = False

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if self.sick:
            raise BusUnavailable("the disk is full. Make room in the folder that VIGIE_DATA_DIR names.")
        super().publish(topic, messages)
