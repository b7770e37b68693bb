"""How requests leave: straight to public addresses, or through the operator's proxy; and whom TLS believes."""

from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext
from typing import Final

import httpx

from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.service_url import ServiceUrl, read_service_url
from shared.tls import believing
from shared.web.addresses import Network, Way, way
from shared.web.connect import Deadline, resolve
from shared.web.pace import HostPace

ASKED_FOR: Final = 5.0  # seconds for our own resolver, which may know no public name where a proxy is needed


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The settings of everything that asks the web."""

    allowed: Sequence[Network]
    proxy: ServiceUrl | None
    tls: SSLContext

    @property
    def proxy_url(self) -> str:
        """Without user and password."""
        return f"{self.proxy.scheme}://{self.proxy.place}" if self.proxy else ""

    @property
    def proxy_login(self) -> tuple[bytes, bytes] | None:
        proxy = self.proxy
        return (proxy.user.encode(), proxy.password.encode()) if proxy and proxy.user else None

    @property
    def proxy_tls(self) -> SSLContext | None:
        """For speaking to the proxy itself."""
        return self.tls if self.proxy and self.proxy.scheme == "https" else None


def outgoing(settings: Settings) -> Outgoing:
    """Raises ConfigError for an authority or a proxy that cannot be used."""
    proxy = read_service_url("VIGIE_PROXY_URL", settings.proxy_url) if settings.proxy_url else None
    return Outgoing(settings.allowed_networks, proxy, believing(_authorities, settings.ca_file))


def _authorities() -> SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class Gate:
    """Decides for every request, before the proxy hears of it, whether it may leave and which way."""

    def __init__(self, out: Outgoing, pace: HostPace, deadline: Deadline) -> None:
        self._out, self._pace, self._deadline = out, pace, deadline
        self._waited: set[str] = set()  # a host's turn counts once a fetch, as one connection does

    def through_proxy(self, host: str, port: int) -> bool:
        """Raises FetchFailed for what may not be reached. What goes direct is checked where it is connected."""
        if self._out.proxy is None:
            return False
        try:
            addresses = resolve(host, port, self._deadline.left(ASKED_FOR))
        except FetchFailed:
            addresses = ()
        chosen = way(host, addresses, self._out.allowed)
        if chosen is Way.REFUSED:
            where = (
                f"{host} is at {', '.join(map(str, addresses[:3]))}" if addresses else f"{host} is a local name"
            )
            raise FetchFailed(
                f"{where}: not public, so the proxy is not asked for it; VIGIE_ALLOWED_NETWORKS can allow it",
                Trouble.REFUSED,
            )
        if chosen is Way.PROXY and host not in self._waited:
            self._waited.add(host)
            self._deadline.extend(self._pace.wait(host, self._deadline.patience))
        return chosen is Way.PROXY
