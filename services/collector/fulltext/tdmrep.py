"""Asks a site for its `/.well-known/tdmrep.json`, once a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from services.collector.encoding import decode
from services.collector.fulltext.reserved import Rule, rules_of, site_reserves
from shared.clock import Clock
from shared.errors import FetchFailed, Trouble
from shared.web.client import WebClient

KEEP: Final = timedelta(days=1)
RETRY: Final = timedelta(hours=1)  # after a server that did not answer
MAX_BYTES: Final = 1_000_000
DEADLINE: Final = 10.0
_ABSENT: Final = (Trouble.HTTP_4XX, Trouble.BLOCKED, Trouble.GONE)


@dataclass(frozen=True, slots=True)
class _Known:
    until: datetime
    rules: tuple[Rule, ...] | None


class Reservations:
    """The reservations of the sites that we visit. Thread-safe."""

    def __init__(self, web: WebClient, clock: Clock) -> None:
        self._web, self._clock = web, clock
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def reserved(self, url: str, patience: float | None = None) -> bool:
        """Whether the site reserves the mining of what is at `url`.

        Raises FetchFailed where nobody can tell. `patience` is how long the site's turn may be waited for.
        """
        parts = urlsplit(url)
        rules = self._of(f"{parts.scheme}://{parts.netloc}", patience)
        if rules is None:
            raise FetchFailed(f"the reservations of {parts.netloc} cannot be read", Trouble.CONNECT)
        return site_reserves(rules, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")

    def _of(self, origin: str, patience: float | None) -> tuple[Rule, ...] | None:
        now = self._clock.now()
        with self._lock:
            known = self._known.get(origin)
        if known and now < known.until <= now + KEEP:  # later only by a clock that was ahead
            return known.rules
        fresh = self._asked(origin, now, patience)
        with self._lock:
            self._known[origin] = fresh
        return fresh.rules

    def _asked(self, origin: str, now: datetime, patience: float | None) -> _Known:
        try:
            answer = self._web.get(
                f"{origin}/.well-known/tdmrep.json", max_bytes=MAX_BYTES, deadline=DEADLINE, patience=patience
            )
        except FetchFailed as error:
            if error.trouble in _ABSENT:
                return _Known(now + KEEP, ())
            if patience is not None and error.trouble is Trouble.TIMEOUT:
                return _Known(now, None)  # it was not its turn: nothing was learnt
            return _Known(now + RETRY, None)
        return _Known(now + KEEP, rules_of(decode(answer.body, answer.content_type)))
