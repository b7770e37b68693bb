"""Pure. Which network addresses an outgoing request may reach: public ones, and those the operator allows.

Feeds are other people's words. An address in one, or behind a redirect, must not open our own network to them.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IPv6 addresses that carry an IPv4 address inside: NAT64, 6to4, IPv4-compatible. No publisher needs them.
_TUNNELS: Final = tuple(ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96"))


def parse_address(text: str) -> Address:
    """The address behind `text`; one mapped into IPv6 is the IPv4 address that it means. Raises ValueError."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach this address too."""
    tunnelled = any(address in network for network in _TUNNELS if network.version == address.version)
    return address.is_global and not address.is_multicast and not tunnelled


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the operator listed a network that holds this address."""
    return any(address in network for network in networks if network.version == address.version)
