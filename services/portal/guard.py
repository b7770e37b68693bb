"""Pure. Who may do what: requests from other sites, and the operations pages.

Cross-site requests are told by what browsers say of themselves (Sec-Fetch-Site, else Origin against Host), so no
token and no cookie is needed. Operations pages are open on a machine's own loopback address only; behind a proxy,
or on another name, they ask for the password.
"""

import hmac
import re
from base64 import b64decode
from collections.abc import Collection, Mapping
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from services.portal import forwarding

USER: Final = "admin"
LAST_PORT: Final = 65_535
_HOST: Final = re.compile(r"(\[(?P<address>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9!$&'()*+,;=._~-]*)(:(?P<port>[0-9]{0,5}))?")
_ORIGIN: Final = re.compile(r"null|[a-zA-Z][a-zA-Z0-9+.-]*://(?P<host>.+)")
_CREDENTIALS: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+( +[\x21-\x7e][\x20-\x7e]*)?")


class Access(StrEnum):
    """The answer to a request for an operations page."""

    GRANTED = "granted"
    PASSWORD = "password"  # ask for it
    CLOSED = "closed"  # no password is set: nobody may
    THROTTLED = "throttled"  # too many wrong ones


def is_cross_site(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a browser sent this request from a page that is not ours.

    A request with neither header comes from a program, which no other site can use as its hand.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    ours = {headers.get("host", "").lower(), urlsplit(public_url).netloc.lower()} - {""}
    return urlsplit(origin).netloc.lower() not in ours


def malformed(headers: Mapping[str, str]) -> str | None:
    """The name of the header that no browser and no program would write so, where one decides who may do what."""
    if not _is_host(headers.get("host", "")):
        return "Host"
    origin = headers.get("origin")
    if origin is not None:
        found = _ORIGIN.fullmatch(origin)
        if found is None or (found["host"] and not _is_host(found["host"])):
            return "Origin"
    authorization = headers.get("authorization")
    if authorization is None:
        return None
    basic = authorization.partition(" ")[0].lower() == "basic"
    if not _CREDENTIALS.fullmatch(authorization) or (basic and _basic(authorization) is None):
        return "Authorization"
    return None


def gives_password(headers: Mapping[str, str]) -> bool:
    """Whether the request tries a password."""
    return _basic(headers.get("authorization", "")) is not None


def access(headers: Mapping[str, str], client: str, listens_on: str, public_url: str, password: str) -> Access:
    """Whether an operations page may be shown to this request of `client`."""
    given = _basic(headers.get("authorization", ""))
    if password and given and given[0] == USER and hmac.compare_digest(given[1].encode(), password.encode()):
        return Access.GRANTED
    if _is_private(headers, client, listens_on, public_url):
        return Access.GRANTED
    return Access.PASSWORD if password else Access.CLOSED


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_private(headers: Mapping[str, str], client: str, listens_on: str, public_url: str) -> bool:
    """Listening on loopback is not enough: a proxy may stand in front, or a rebound name behind."""
    hosts: Collection[str] = {
        client,
        listens_on,
        urlsplit(f"//{headers.get('host', '')}").hostname or "",
        urlsplit(public_url).hostname or listens_on,
    }
    return all(map(is_loopback, hosts)) and not any(name in headers for name in forwarding.NAMES)


def _is_host(text: str) -> bool:
    """Whether it is a host and perhaps a port; what stands in brackets is an address of IPv6."""
    found = _HOST.fullmatch(text)
    if found is None:
        return False
    try:
        IPv6Address(found["address"] or "::")
    except ValueError:
        return False
    return int(found["port"] or 0) <= LAST_PORT


def _basic(authorization: str) -> tuple[str, str] | None:
    """User and password; None for another scheme, and for what cannot be read."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:  # base64, ASCII, UTF-8
        return None
    return (user, password) if colon else None
