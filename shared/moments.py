"""Pure. What a stored moment is worth when the clock that gave it was wrong.

A clock that was ahead and is put right leaves moments behind that lie in the future. What is over cannot lie
there: it counts as now. What is to come may, but no further off than its rule ever puts it.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

SLACK: Final = timedelta(minutes=1)  # by which honest clocks differ: no step, and no moment of the future
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)  # a clock that tells less was never set: it knows nothing


def ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether a moment that is over, as far as we know, lies in the future."""
    return moment is not None and moment > now + SLACK


def not_after(moment: datetime, now: datetime) -> datetime:
    """A moment that is over: now, where it lies in the future."""
    return min(moment, now)


def due(moment: datetime, now: datetime, most: timedelta, by: timedelta = timedelta(0)) -> datetime:
    """When to do what was put off until `moment`, by a clock that has been put back `by` so much since.

    At once where that is further off than `most`, the longest that it is ever put off.
    """
    sooner = moment - by
    return now if sooner > now + most else max(sooner, min(moment, now))
