"""Posting to addresses that readers name: public ones over TLS, unless the operator allows more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from shared.clock import Clock
from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.web.client import WebClient

OFF: Final = "off"
ANY: Final = "any"
PATIENCE: Final = 10.0  # seconds for a try
LONGEST: Final = 2000  # characters of an address


class Wrong(StrEnum):
    """Why nothing can be posted to an address."""

    NO_ADDRESS = "no_address"
    NO_TLS = "no_tls"
    UNKNOWN = "unknown"  # there is no such host
    NOT_PUBLIC = "not_public"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended: with `status`, or None where nobody answered. `said` tells it without the address.

    `retry_after` is how many seconds the server wants to be left in peace for.
    """

    status: int | None
    said: str
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Postman:
    """Posts. Thread-safe. An address is checked when it is saved and at each try, where the connection is made.

    The operator's own networks (`allowed_networks`) are for sources; readers reach them where `webhooks` is any.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._any = settings.webhooks == ANY
        reachable = settings if self._any else replace(settings, allowed_networks=())
        self._client = WebClient(reachable, clock, spacing=0.0)

    def wrong(self, url: str) -> Wrong | None:
        """What is wrong with an address that somebody gives; nothing is sent there."""
        try:
            parts = urlsplit(url)
            readable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            return Wrong.NO_ADDRESS
        if not readable or parts.scheme not in ("http", "https") or len(url) > LONGEST or not url.isprintable():
            return Wrong.NO_ADDRESS
        if parts.scheme == "http" and not self._any:
            return Wrong.NO_TLS
        try:
            self._client.look(url, deadline=PATIENCE)
        except FetchFailed as error:
            return Wrong.UNKNOWN if error.trouble in (Trouble.DNS, Trouble.TIMEOUT) else Wrong.NOT_PUBLIC
        return None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send once. A redirect is an answer like another: what is signed for one address goes to no other."""
        if url.startswith("http:") and not self._any:
            return Answer(None, "only https is allowed (VIGIE_WEBHOOKS)")
        try:
            status, reason, wait = self._client.send(url, body, headers, deadline=PATIENCE)
        except FetchFailed as error:
            return Answer(None, _without(url, str(error)))
        return Answer(status, f"HTTP {status} {reason}".strip(), wait)

    def close(self) -> None:
        self._client.close()


def _without(url: str, said: str) -> str:
    """The sentence without the address, which its owner knows and which may hold a key."""
    return said.replace(url, "").strip(" :")[:500]
