"""Asks robots.txt by RFC 9309, once a day per host. The only module that imports Protego.

Python's own parser knows no wildcards: it takes `Disallow: /*pressreleasesrss` to allow the feed it forbids.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from services.collector.encoding import decode
from shared.clock import Clock
from shared.errors import FetchFailed, Trouble
from shared.web.client import WebClient

AGENT: Final = "Vigie"
KEEP: Final = timedelta(days=1)
RETRY: Final = timedelta(hours=1)  # after a robots.txt that could not be read
TRUSTED: Final = timedelta(days=30)  # section 2.3.1.4: for so long what cannot be asked for forbids everything
MAX_BYTES: Final = 500 * 1024  # section 2.5: what comes after is not read
DEADLINE: Final = 10.0
# section 2.2.4: other records must not interfere; Protego ends a group at one that it does not know
_UNKNOWN: Final = re.compile(
    r"^(?!\s*(?:user[ -]?agent|allow|di\w*l\w*w|site-?maps?|crawl[ -]delay)\s*:)[^\r\n#]*:[^\r\n]*", re.I | re.M
)
_ABSENT: Final = (Trouble.HTTP_4XX, Trouble.BLOCKED, Trouble.GONE)  # section 2.3.1.3: no rules


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether we may fetch an address. `reachable` is false when nobody could tell: then pages are off limits."""

    allowed: bool
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds `until`; None where nobody could tell, and `away` is since when."""

    until: datetime
    parsed: Protego | None
    away: datetime | None = None


class Robots:
    """The rules of the hosts that we visit. Thread-safe."""

    def __init__(self, web: WebClient, clock: Clock) -> None:
        self._web, self._clock = web, clock
        self._rules: dict[str, _Rules] = {}
        self._lock = Lock()

    def verdict(self, url: str) -> Verdict:
        """What the host's robots.txt says of `url`; its Crawl-delay is kept from now on."""
        origin, host = _place(url)
        if not host:
            return Verdict(True)  # there is nobody to ask; who fetches it is told that it is no web address
        rules = self._of(origin, host)
        if rules.parsed is None:
            return Verdict(False, reachable=False)
        return Verdict(bool(rules.parsed.can_fetch(url, AGENT)))

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the host's robots.txt names."""
        origin, host = _place(url)
        if not host:
            return ()
        rules = self._of(origin, host)
        return tuple(rules.parsed.sitemaps) if rules.parsed else ()

    def _of(self, origin: str, host: str) -> _Rules:
        now = self._clock.now()
        with self._lock:
            known = self._rules.get(origin)
        if known and now < known.until <= now + KEEP:  # later only by a clock that was ahead
            return known
        rules = self._asked(origin, known, now)
        delay = rules.parsed.crawl_delay(AGENT) if rules.parsed else None
        if delay:
            self._web.pace.ask(host, float(delay))
        with self._lock:
            self._rules[origin] = rules
        return rules

    def _asked(self, origin: str, known: _Rules | None, now: datetime) -> _Rules:
        """The rules anew. While they are out of reach the last ones hold, and none at all after a month."""
        try:
            answer = self._web.get(f"{origin}/robots.txt", max_bytes=MAX_BYTES, deadline=DEADLINE, cut=True)
        except FetchFailed as error:
            if error.trouble in _ABSENT:
                return _Rules(now + KEEP, Protego.parse(""))
            away = (known and known.away) or now
            if now - away >= TRUSTED:
                return _Rules(now + RETRY, Protego.parse(""), away)
            return _Rules(now + RETRY, known.parsed if known else None, away)
        return _Rules(now + KEEP, Protego.parse(_UNKNOWN.sub("", decode(answer.body, answer.content_type))))


def _place(url: str) -> tuple[str, str]:
    """The origin of an address and its host; two empty texts for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return f"{parts.scheme}://{parts.netloc}", parts.hostname or ""
