"""The door to the DNS: what mail servers are told about us, and the keys of those who write to us."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

from shared.errors import MailUnavailable

Address = IPv4Address | IPv6Address
WITHIN: Final = 5.0  # seconds for a question
_NOTHING: Final = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
    dns.name.EmptyLabel,
)


class Names:
    """Asks the servers of this machine's network, or `server` (an address, with a port) alone."""

    def __init__(self, server: str = "", *, within: float = WITHIN) -> None:
        self._server, self._within = server, within
        self._resolver: dns.resolver.Resolver | None = None

    def txt(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, each in one piece. Raises MailUnavailable where nobody answers."""
        return self._ask(name, "TXT", lambda record: b"".join(record.strings).decode("utf-8", "replace"))

    def addresses(self, name: str) -> tuple[Address, ...]:
        of = (self._ask(name, kind, lambda record: ip_address(record.address)) for kind in ("A", "AAAA"))
        return tuple(address for found in of for address in found)

    def mx(self, name: str) -> tuple[str, ...]:
        """The hosts that take mail for a domain, the preferred first; "" is one that takes none."""
        found = self._ask(name, "MX", lambda record: (record.preference, _bare(record.exchange)))
        return tuple(host for _, host in sorted(found))

    def ptr(self, address: Address) -> tuple[str, ...]:
        return self._ask(dns.reversename.from_address(str(address)).to_text(), "PTR", lambda r: _bare(r.target))

    def _ask(self, name: str, kind: str, read: Callable[[Any], Any]) -> tuple[Any, ...]:
        try:
            answer = self._opened().resolve(f"{name.rstrip('.')}.", kind, lifetime=self._within)
        except _NOTHING:
            return ()
        except dns.exception.DNSException as error:
            raise MailUnavailable(f"the DNS does not answer for {name} ({kind}): {error}") from error
        return tuple(read(record) for record in answer)

    def _opened(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=not self._server)
            if self._server:
                host, _, port = (
                    self._server.rpartition(":") if _has_port(self._server) else (self._server, "", "53")
                )
                self._resolver.nameservers, self._resolver.port = [host.strip("[]")], int(port)
        return self._resolver


def _has_port(server: str) -> bool:
    """`192.0.2.1:53` and `[::1]:53`, not `::1`."""
    return server.count(":") == 1 or "]:" in server


def _bare(name: Any) -> str:
    return str(name).rstrip(".").lower()
