"""Limits how often one client, and all of them together, may ask for something that costs: a confirmation mail."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Final

from shared.moments import SLACK

PER_CLIENT: Final = ((5, timedelta(minutes=1)), (30, timedelta(hours=1)))
WRONG_PASSWORDS: Final = ((5, timedelta(minutes=1)), (20, timedelta(hours=1)))
TOGETHER: Final = ((60, timedelta(minutes=1)), (600, timedelta(hours=1)))
_EVERYBODY: Final = "*"

Limits = Sequence[tuple[int, timedelta]]


class Throttle:
    """Counts in memory, for one process. Thread-safe. What it forgets at a restart, the ledger still limits."""

    def __init__(self, per_client: Limits = PER_CLIENT, together: Limits = TOGETHER) -> None:
        self._per_client, self._together = per_client, together
        self._asked: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def allows(self, client: str, now: datetime) -> bool:
        """Whether `client` may ask now; asking counts only when it may."""
        with self._lock:
            if not self._may(client, now):
                return False
            for who in (client, _EVERYBODY) if self._together else (client,):
                self._asked.setdefault(who, deque()).append(now)
            return True

    def would_allow(self, client: str, now: datetime) -> bool:
        """Whether `client` may ask now, without counting it."""
        with self._lock:
            return self._may(client, now)

    def full(self, now: datetime) -> bool:
        """Whether nobody may ask now: all together have asked for as much as they may."""
        with self._lock:
            self._forget(now)
            return not _within(self._asked.get(_EVERYBODY, ()), self._together, now)

    def _may(self, client: str, now: datetime) -> bool:
        self._forget(now)
        own, every = self._asked.get(client, ()), self._asked.get(_EVERYBODY, ())
        return _within(own, self._per_client, now) and _within(every, self._together, now)

    def _forget(self, now: datetime) -> None:
        oldest, latest = now - self._per_client[-1][1], now + SLACK  # later only by a clock that was ahead
        for who in list(self._asked):
            times = deque(moment for moment in self._asked[who] if oldest < moment <= latest)
            if times:
                self._asked[who] = times
            else:
                del self._asked[who]


def client_of(host: str) -> str:
    """Whom to count: the address, or the network of 64 bits that one IPv6 household has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host


def _within(asked: Iterable[datetime], limits: Iterable[tuple[int, timedelta]], now: datetime) -> bool:
    times = tuple(asked)
    return all(sum(now - moment < span for moment in times) < most for most, span in limits)
