"""Says that a relay takes connections and does not greet: the senders wait for it as long as RFC 5321 grants it,
and meanwhile nothing fails that anybody would see.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

from shared.store import Store
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told

SILENT: Final = "relay.silent"
LONG: Final = 60.0  # seconds: who delays its greeting against spam does so for thirty at most
QUIET: Final = 120.0  # seconds without a try: nobody waits for it any more
LOOK_EVERY: Final = 10.0


class Relay(Protocol):
    """What of a relay is looked at, from another thread than the one that speaks with it."""

    @property
    def place(self) -> str:
        """Which relay, by host and port."""
        ...

    @property
    def awaited_since(self) -> float | None:
        """Since when (monotonic) its greeting is waited for; None where it is not."""
        ...

    @property
    def greeted(self) -> float:
        """When (monotonic) it last greeted."""
        ...


class Greetings:
    """A look at the relays of all senders of this process."""

    def __init__(
        self, store: Store, relays: Sequence[Relay], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._relays, self._monotonic = store, relays, monotonic
        self._began: float | None = None  # since when it is waited for, on whichever connection
        self._waited = float("-inf")  # when one was last seen waiting
        self._told = True  # what a former process said is taken back, or said again

    def look(self) -> bool:
        """Say it, or take it back. False: there is never more to do at once."""
        now = self._monotonic()
        waits = [since for relay in self._relays if (since := relay.awaited_since) is not None]
        greeted = max((relay.greeted for relay in self._relays), default=float("-inf"))
        if waits:
            self._began, self._waited = self._began or min(waits), now
        elif now - self._waited > QUIET:
            self._began = None
        if self._began is not None and greeted > self._began:
            self._began = greeted if waits else None
        if self._began is not None and now - self._began >= LONG:
            self._tell(now - self._began)
        elif self._told and self._began is None:
            with self._store.writing() as session:
                withdraw(session, SILENT)
            self._told = False
        return False

    def _tell(self, waited: float) -> None:
        reason = told(SILENT, relay=str(self._relays[0].place))
        with self._store.writing() as session:
            since = self._store.now(session) - timedelta(seconds=waited)
            raise_notice(session, SILENT, Weight.RED, reason, since)
        self._told = True
