"""The clock: the only place that reads the time of day. Everything else is told the time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def elapsed() -> float:
    """Seconds that passed since some moment, whatever became of the clock and whether or not the machine slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def rfc3339(moment: datetime | None) -> str | None:
    """`moment` in UTC as RFC 3339 with a Z and no fraction, or None. The form of every reply."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
