"""Pure. For whom a proxy asks: the client's address and scheme, believed of proxies in trusted networks.

Every proxy appends whom it was asked by, so what stands at the right is said by the nearest. The walk goes from
the connection to the left as long as who speaks is trusted; what is beyond was written by the client itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.web.addresses import Network, is_allowed, parse_address

NAMES: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_PART: Final = re.compile(r"\s*([a-zA-Z]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;,\s]*)\s*")
_MOST: Final = 20  # proxies in a row; nobody has as many
_SCHEMES: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class Asked:
    """`client` is an address, as written; `scheme` is http or https."""

    client: str
    scheme: str


@dataclass(frozen=True, slots=True)
class _Hop:
    """What a proxy says of the one who asked it; empty where it says nothing."""

    address: str
    scheme: str


def asked_by(peer: Asked, headers: Mapping[str, Sequence[str]], trusted: Sequence[Network]) -> Asked:
    """Who asks at last. `headers` has every value of each header, names in lower case.

    Proxies write one form and pass the other on as the client wrote it: where two contradict, neither counts.
    """
    said = [hops for hops in (_of_x_forwarded(headers), _of_forwarded(headers.get("forwarded", ()))) if hops]
    found = {_walked(peer, hops, trusted) for hops in said}
    return found.pop() if len(found) == 1 else peer


def _walked(peer: Asked, said: Sequence[_Hop], trusted: Sequence[Network]) -> Asked:
    hops, asked = list(said), peer
    while hops and _is_trusted(asked.client, trusted):
        hop = hops.pop()
        address = _address(hop.address)
        scheme = hop.scheme if hop.scheme in _SCHEMES else asked.scheme
        asked = Asked(address or asked.client, scheme)
        if not address:  # a name that hides it, or nonsense: nobody beyond can be told
            break
    return asked


def _is_trusted(client: str, trusted: Sequence[Network]) -> bool:
    try:
        return is_allowed(parse_address(client.partition("%")[0]), trusted)
    except ValueError:
        return False


def _of_x_forwarded(headers: Mapping[str, Sequence[str]]) -> Sequence[_Hop]:
    addresses = _listed(headers.get("x-forwarded-for", ())) or ([""] if headers.get("x-forwarded-proto") else [])
    schemes = [scheme.lower() for scheme in _listed(headers.get("x-forwarded-proto", ()))]
    missing = len(addresses) - len(schemes)  # a proxy that sets the scheme instead of appending speaks for all
    schemes = schemes[-len(addresses) :] if missing <= 0 else [schemes[0] if schemes else ""] * missing + schemes
    return [_Hop(address, scheme) for address, scheme in zip(addresses, schemes, strict=True)]


def _of_forwarded(values: Sequence[str]) -> Sequence[_Hop]:
    """RFC 7239: elements by commas, pairs by semicolons; values perhaps in quotes."""
    elements = [element for value in values for element in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", value)]
    hops = []
    for element in elements[-_MOST:]:
        pairs = {name.lower(): text.strip('"') for name, text in _PART.findall(element)}
        hops.append(_Hop(pairs.get("for", ""), pairs.get("proto", "").lower()))
    return hops


def _listed(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",")][-_MOST:]


def _address(text: str) -> str:
    """The address of `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; else empty."""
    if found := re.fullmatch(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+", text):
        text = found[1] if found[1] is not None else found[2]
    try:
        return str(parse_address(text.partition("%")[0]))
    except ValueError:
        return ""
