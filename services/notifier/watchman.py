"""What digests say of silence: how many bodies were watched without a gap, and which were not.

Asked once for all digests of a slot; while nobody can say, mails go without it.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.notifier.letters import Watched
from shared.bus import Bus
from shared.errors import Unavailable
from shared.store import Store
from shared.watched.answer import ask

FRESH: Final = 300.0  # seconds that an answer holds
MOST: Final = 32  # answers kept: days and weeks of as many slots


class Watchman:
    """Threads may share it: at worst two of them ask."""

    def __init__(self, store: Store, bus: Bus, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._bus, self._monotonic = store, bus, monotonic
        self._known: dict[datetime, tuple[float, Watched | None]] = {}

    def over(self, since: datetime) -> Watched | None:
        """From `since` to now: of the bodies that the mission names, else of all. None where nobody can say."""
        now = self._monotonic()
        known = self._known.get(since)
        if known is None or now - known[0] > FRESH:
            if len(self._known) >= MOST:
                self._known = {}
            known = self._known[since] = (now, self._ask(since))
        return known[1]

    def _ask(self, since: datetime) -> Watched | None:
        try:
            answer = ask(self._store, self._bus, "", since)
        except Unavailable:
            return None
        every = sorted(answer.named or answer.names)
        missed = [answer.names[source] for source in every if source not in answer.covered]
        return Watched(len(every), tuple(sorted(missed, key=str.casefold))) if every else None
