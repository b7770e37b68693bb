"""Doubles for time and failure injection, and builders with defaults. Everything else in the tests is real."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

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
    path = folder / "vigie.db"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return Store(f"sqlite:///{path}", clock)


@cache
def _migrated() -> bytes:
    """An empty database with the whole schema: migrated once, copied for every test."""
    from shared.store.migrate import upgrade

    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        upgrade(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


class FlakyBus(SqliteBus):
    """The embedded bus, whose `publish` fails while `sick` is true."""

    sick = False

    def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if self.sick:
            raise BusUnavailable("the disk is full. Make room in the folder that VIGIE_DATA_DIR names.")
        super().publish(topic, messages)
