"""How many requests one client has left: counted in memory, for one process, in windows of a minute.

Nobody needs a key to read; nobody may keep the others from reading.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import Final

WINDOW: Final = timedelta(minutes=1)
PER_WINDOW: Final = 600  # with pages of 200 items a hundred thousand of them in a minute
_MOST: Final = 10_000  # clients remembered; beyond them those whose window is over are forgotten


@dataclass(frozen=True, slots=True)
class Left:
    """What a client may still ask in its window; in `resets` whole seconds from now that is over."""

    granted: bool
    requests: int
    resets: int
    of: int = PER_WINDOW

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes it, and Retry-After for who has none left."""
        said = {
            "RateLimit-Policy": f'"client";q={self.of};w={int(WINDOW.total_seconds())}',
            "RateLimit": f'"client";r={self.requests};t={self.resets}',
        }
        return said if self.granted else {**said, "Retry-After": str(self.resets)}


class Allowance:
    """Counts requests by client. Thread-safe."""

    def __init__(self, per_window: int = PER_WINDOW) -> None:
        self._most = per_window
        self._used: dict[str, tuple[datetime, int]] = {}  # client -> when its window began, requests since
        self._lock = Lock()

    def ask(self, client: str, now: datetime) -> Left:
        """Count one request of `client`, if it may."""
        with self._lock:
            began, used = self._used.get(client, (now, 0))
            if not timedelta(0) <= now - began < WINDOW:  # over, or begun by a clock that was ahead
                began, used = now, 0
            granted = used < self._most
            self._used[client] = began, used + granted
            if len(self._used) > _MOST:
                self._forget(now)
        resets = max(1, ceil((began + WINDOW - now).total_seconds()))  # who comes back then finds it over
        return Left(granted, self._most - used - granted, resets, self._most)

    def _forget(self, now: datetime) -> None:
        going = {client: at for client, at in self._used.items() if timedelta(0) <= now - at[0] < WINDOW}
        self._used = going if len(going) <= _MOST else {}
