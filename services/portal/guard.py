"""Pure. Who may do what: requests from other sites, and the operations pages.

Cross-site requests are told by what browsers say of themselves (Sec-Fetch-Site, else Origin against Host), so no
token and no cookie is needed. Operations pages are open on a machine's own loopback address only; behind a proxy,
or on another name, they ask for the password.
"""

import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

USER: Final = "admin"
_FORWARDING: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Access(StrEnum):
    """The answer to a request for an operations page."""

    GRANTED = "granted"
    PASSWORD = "password"  # ask for it
    CLOSED = "closed"  # no password is set: nobody may


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


def access(headers: Mapping[str, str], listens_on: str, public_url: str, password: str) -> Access:
    """Whether an operations page may be shown to this request."""
    if password:
        given = _basic_password(headers.get("authorization", ""))
        if given is not None and hmac.compare_digest(given.encode(), password.encode()):
            return Access.GRANTED
    if _is_private(headers, listens_on, public_url):
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


def _is_private(headers: Mapping[str, str], listens_on: str, public_url: str) -> bool:
    """Listening on loopback is not enough: a proxy may stand in front, or a rebound name behind."""
    hosts: Collection[str] = {
        listens_on,
        urlsplit(f"//{headers.get('host', '')}").hostname or "",
        urlsplit(public_url).hostname or listens_on,
    }
    return all(map(is_loopback, hosts)) and not any(name in headers for name in _FORWARDING)


def _basic_password(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (Base64Error, UnicodeDecodeError):
        return None
    return password if user == USER else None
