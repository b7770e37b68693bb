"""Pure. SPF (RFC 7208): whether a domain lets an address send its mails. Macros and `ptr` match nobody here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final, Protocol

Address = IPv4Address | IPv6Address
MOST: Final = 10  # questions that a receiver asks for one mail
_TERM: Final = re.compile(r"([+?~-]?)([a-z0-9]+)(?::([^/\s]*))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE)
_IP: Final = re.compile(r"([+?~-]?)(ip4|ip6):(\S+)", re.IGNORECASE)


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"


_QUALIFIERS: Final = {
    "": Result.PASS,
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}


class Asked(Protocol):
    """Who answers questions to the DNS."""

    def txt(self, name: str) -> tuple[str, ...]: ...
    def addresses(self, name: str) -> tuple[Address, ...]: ...
    def mx(self, name: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A result, the record that it came from, and why."""

    result: Result
    record: str = ""
    why: str = ""


class _Wrong(Exception):
    """A receiver could not evaluate the record."""


@dataclass(slots=True)
class _Question:
    address: Address
    names: Asked
    left: int = MOST
    seen: list[str] = field(default_factory=list)

    def cost(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _Wrong(f"it needs more than {MOST} questions to the DNS")


def spf(address: Address, domain: str, names: Asked) -> Said:
    """What receivers conclude of a mail from this address with a return address at `domain`."""
    records = records_of(domain, names)
    try:
        return Said(_check(_Question(address, names), domain), " | ".join(records))
    except _Wrong as error:
        return Said(Result.PERMERROR, " | ".join(records), str(error))


def records_of(domain: str, names: Asked) -> Sequence[str]:
    return [text for text in names.txt(domain) if text.lower().split(" ")[0] == "v=spf1"]


def _check(asked: _Question, domain: str) -> Result:
    records = records_of(domain, asked.names)
    if len(records) > 1:
        raise _Wrong(f"{domain} has {len(records)} SPF records, and may have one")
    if not records:
        return Result.NONE
    redirect = ""
    for term in records[0].split()[1:]:
        if term.lower().startswith("redirect="):
            redirect = term.partition("=")[2]
        elif "=" in term.partition(":")[0]:
            continue  # exp= and what is to come
        elif result := _term(asked, term, domain):
            return result
    if not redirect:
        return Result.NEUTRAL
    asked.cost()
    result = _check(asked, redirect)
    if result is Result.NONE:
        raise _Wrong(f"it redirects to {redirect}, which has no SPF record")
    return result


def _term(asked: _Question, term: str, domain: str) -> Result | None:
    """What a mechanism says; None where it does not match."""
    if found := _IP.fullmatch(term):
        return _QUALIFIERS[found[1]] if _in(asked.address, found[3], term) else None
    found = _TERM.fullmatch(term)
    if found is None:
        raise _Wrong(f"{term!r} cannot be understood")
    qualifier, name, value = _QUALIFIERS[found[1]], found[2].lower(), found[3] or domain
    if name == "all":
        return qualifier
    if name not in ("a", "mx", "include", "exists", "ptr"):
        raise _Wrong(f"{term!r} is no mechanism of SPF")
    asked.cost()
    return qualifier if _matches(asked, name, value, found[4]) else None


def _matches(asked: _Question, name: str, value: str, prefixes: str) -> bool:
    if "%" in value or name == "ptr":
        return False
    match name:
        case "include":
            result = _check(asked, value)
            if result is Result.NONE:
                raise _Wrong(f"it includes {value}, which has no SPF record")
            return result is Result.PASS
        case "exists":
            return any(address.version == 4 for address in asked.names.addresses(value))
        case "mx":
            hosts: Sequence[str] = asked.names.mx(value)[:MOST]
        case _:
            hosts = (value,)
    theirs = [address for host in hosts if host for address in asked.names.addresses(host)]
    return any(_near(asked.address, address, prefixes) for address in theirs)


def _near(address: Address, theirs: Address, prefixes: str) -> bool:
    if address.version != theirs.version:
        return False
    four, _, six = prefixes.partition("//")
    length = four.strip("/") if address.version == 4 else six
    return address in ip_network(f"{theirs}/{length or address.max_prefixlen}", strict=False)


def _in(address: Address, network: str, term: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        raise _Wrong(f"{term!r} is no network") from None
