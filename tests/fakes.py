"""Doubles for time and failure injection, and builders with defaults. Everything else in the tests is real."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.clock import Clock
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
