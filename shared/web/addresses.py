"""Pure. Which network addresses an outgoing request may reach: public ones, and those the operator allows.

Feeds are other people's words. An address in one, or behind a redirect, must not open our own network to them.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# what `is_global` of some Python takes for public, and nobody publishes from
_RESERVED: Final = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocols
        "192.88.99.0/24",  # the relays of 6to4, which are no more
        "168.63.129.16/32",  # Azure's own services, seen from its machines only
        "2001::/23",  # IETF protocols: Teredo, benchmarking, ORCHID
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
)
# every IPv6 address that anybody was ever given. Outside are loopback, private and multicast ones, 5f00::/16, and
# those that carry an IPv4 address: NAT64 (64:ff9b::), IPv4-translated (::ffff:0:0:0), IPv4-compatible (::/96)
_GIVEN_OUT: Final = ip_network("2000::/3")
# names that mean something in one network only: RFC 6761, 6762, 8375, ICANN's list of collisions, and usage
_LOCAL: Final = frozenset(
    "localhost localdomain local internal intranet intern lan home corp private arpa test invalid onion".split()
)


class Way(StrEnum):
    """How a request may leave where a proxy is set."""

    DIRECT = "direct"
    PROXY = "proxy"
    REFUSED = "refused"


def parse_address(text: str) -> Address:
    """The address behind `text`; one mapped into IPv6 is the IPv4 address that it means. Raises ValueError."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach this address too."""
    if is_allowed(address, _RESERVED) or (address.version == 6 and address not in _GIVEN_OUT):
        return False
    return address.is_global and not address.is_multicast


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the networks, as the operator listed them, holds this address."""
    return any(address in network for network in networks if network.version == address.version)


def way(host: str, addresses: Sequence[Address], allowed: Sequence[Network]) -> Way:
    """The way to `host`, which is at `addresses` by our own resolver; none where it knows no such name.

    The proxy resolves the name again, so not one of the addresses may be private. Where our resolver knows no
    public names, as in many networks that have a proxy, literal addresses and local names stay refused.
    """
    if not addresses:
        return Way.REFUSED if _is_local(host) else Way.PROXY
    if all(is_allowed(address, allowed) for address in addresses):
        return Way.DIRECT
    known = all(is_public(address) or is_allowed(address, allowed) for address in addresses)
    return Way.PROXY if known else Way.REFUSED


def _is_local(host: str) -> bool:
    """Whether a name that is not resolved spells an address, or means nothing beyond one network."""
    labels = host.lower().strip("[]").rstrip(".").split(".")
    spells_a_number = re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]) is not None
    return len(labels) < 2 or ":" in host or spells_a_number or labels[-1] in _LOCAL
