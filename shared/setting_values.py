"""Pure. Values of settings, as a file or the environment writes them. Each raises ConfigError, saying where."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared import service_url
from shared.errors import ConfigError


def number(where: str, raw: Any, least: int) -> int:
    """A whole number, at least `least`."""
    try:
        number = int(str(raw))
    except ValueError:
        raise ConfigError(f"{where} is {raw!r}; it must be a whole number.") from None
    if number < least:
        raise ConfigError(f"{where} is {number}; it must be at least {least}.")
    return number


def addresses(where: str, raw: Any, *, domains: bool = False) -> tuple[str, ...]:
    """Mail addresses, comma-separated; with `domains` also whole ones, as @example.org."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    found = tuple(str(part).strip() for part in parts if str(part).strip())
    for address in found:
        if domains and re.fullmatch(r"@[^@\s<>\",;]+", address):
            continue
        if not re.fullmatch(r"[^@\s<>\",;]+@[^@\s<>\",;]+", address):
            raise ConfigError(f"{where}: {address!r} is no mail address. Write them as in desk@example.org.")
    return found


def keys(raw: Any) -> tuple[str, ...]:
    """Keys, the newest first; last the whole text: it was the only key before there could be several."""
    if isinstance(raw, list):
        return tuple(map(str, raw))
    whole = str(raw)
    parts = tuple(part.strip() for part in whole.split(",") if part.strip())
    return parts if not parts or whole in parts else (*parts, whole)


def networks(where: str, raw: Any) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks, apart by commas or spaces."""
    parts = raw if isinstance(raw, list) else str(raw).replace(",", " ").split()
    try:
        return tuple(ip_network(str(part).strip()) for part in parts)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}. Write networks as in 127.0.0.0/8, separated by commas.") from error


def listen(where: str, raw: str) -> str:
    """HOST:PORT."""
    host, _, port = raw.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ConfigError(f"{where} is {raw!r}; it must be HOST:PORT, as in 127.0.0.1:8080.")
    return raw


def url(where: str, raw: str, schemes: tuple[str, ...]) -> str:
    """An address of a service in one of the schemes, or nothing."""
    if raw:
        service_url.read_service_url(where, raw, schemes)
    return raw


def zone(where: str, raw: str) -> str:
    """An IANA zone."""
    try:
        return str(ZoneInfo(raw))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ConfigError(f"{where} is {raw!r}; it must be an IANA zone, as in Europe/Paris.") from None
