"""For how long this process has been awake, so that one that slept is not taken for one that hangs.

A process may be stopped in the middle of anything: by SIGSTOP, in a container that is paused, on a machine that is
suspended or moved. When it goes on, every call under way is old, and none hangs. The worker's tick tells: it comes
every second, and after a sleep it comes late. From then on whatever was under way gets its whole patience again.
"""

import time
from collections.abc import Callable
from typing import Final

LATE: Final = (
    5.0  # seconds between two ticks after which the process counts as having slept; a busy machine needs some
)


class Awake:
    """Lives in the thread that ticks."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._since = self._last = monotonic()

    def tick(self) -> float:
        """Seconds since this process was made, or since it woke up. To be called about every second."""
        now = self._monotonic()
        if now - self._last > LATE:
            self._since = now
        self._last = now
        return now - self._since
