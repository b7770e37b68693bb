"""Keeps requests to one host apart. Thread-safe."""

import time
from threading import Event, Lock

from shared.errors import FetchFailed, Trouble

LONGEST_DELAY = 60.0  # seconds; a longer Crawl-delay is the due time's affair


class HostPace:
    """Gives every host one request per `spacing` seconds, or per the longer delay that the host asks for."""

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._delays: dict[str, float] = {}
        self._next: dict[str, float] = {}
        self._lock, self._closed = Lock(), Event()

    def ask(self, host: str, delay: float) -> None:
        """Respect a Crawl-delay of `host`, in seconds."""
        with self._lock:
            self._delays[host] = min(LONGEST_DELAY, max(self._spacing, delay))

    def wait(self, host: str, most: float | None = None) -> float:
        """Sleep until it is this caller's turn at `host`; the seconds slept.

        Raises FetchFailed, and takes no turn, where that is more than `most` seconds off.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next.get(host, now))
            if most is not None and turn - now > most:
                raise FetchFailed(f"{host} has its next turn in {turn - now:.0f} s only", Trouble.TIMEOUT)
            self._next[host] = turn + self._delays.get(host, self._spacing)
            self._forget(now)
        if self._closed.wait(turn - now):
            raise FetchFailed(f"the request to {host} was given up: Vigie is stopping", Trouble.TIMEOUT)
        return turn - now

    def close(self) -> None:
        """Wake everybody who waits."""
        self._closed.set()

    def _forget(self, now: float) -> None:
        if len(self._next) > 1000:
            self._next = {host: turn for host, turn in self._next.items() if turn > now}
