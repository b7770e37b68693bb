"""Pure. Who we are to a mail relay: the sender of every mail, and our name in EHLO."""

import re
from collections.abc import Callable
from email.utils import formataddr, getaddresses
from typing import Final
from urllib.parse import urlsplit

import idna

from shared.errors import ConfigError

LONGEST_TAGGED: Final = 16  # characters before the token of 48: servers take 64 before the @
_TAGS: Final = "+-="  # what servers let a tag begin with
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_HELLO: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f.:]+\]|\[IPv6:[0-9A-Fa-f.:]+\]")
_NUMERIC: Final = re.compile(r"[0-9.]+|.*:.*")


def read_sender(setting: str, raw: str) -> str:
    """`Name <local@domain>`, its domain in ASCII. Raises ConfigError: no mail could be written with another."""
    found = getaddresses([raw])
    name, address = found[0] if len(found) == 1 else ("", "")
    local, at, domain = address.rpartition("@")
    odd = address not in raw or any(ord(character) < 32 for character in raw)  # a parser mends too much
    if not at or odd or not _LOCAL.fullmatch(local):
        raise ConfigError(
            f"{setting} is {raw!r}; write one address, as in Vigie <vigie@example.org>, ASCII before its @."
        )
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ConfigError(f"{setting} is {raw!r}; what stands after its @ is no domain.") from None
    plain = f"{local}@{ascii_domain}"
    return f"{name} <{plain}>" if name and formataddr((name, plain), "utf-8") else plain


def read_reply_to(setting: str, raw: str) -> str:
    """The same, or nothing. Raises ConfigError."""
    return read_sender(setting, raw) if raw.strip() else ""


def read_bounces(setting: str, raw: str) -> str:
    """Where mails come back to, as what stands around the token in each address: `bounces+@example.org`, or
    `@bounces.example.org` for a domain of its own. Raises ConfigError.
    """
    if not raw:
        return ""
    local, _, domain = raw.rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ConfigError(f"{setting} is {raw!r}; what stands after its @ is no domain.") from None
    if local and not _LOCAL.fullmatch(local):
        raise ConfigError(f"{setting} is {raw!r}; write bounces@example.org, or a domain of its own.")
    tagged = local if not local or local[-1] in _TAGS else f"{local}+"
    if len(tagged) > LONGEST_TAGGED:
        raise ConfigError(
            f"{setting} is {raw!r}; before its @ there is room for {LONGEST_TAGGED - 1} characters, because a "
            "token follows them."
        )
    return f"{tagged}@{ascii_domain}"


def bounce_address(around: str, token: str) -> str:
    """The address that one mail comes back to; `around` is what `read_bounces` gave."""
    local, _, domain = around.rpartition("@")
    return f"{local}{token}@{domain}"


def read_labels(setting: str, raw: str) -> str:
    """A name for the DNS, in ASCII and lower case. Raises ConfigError."""
    try:
        return idna.encode(raw, uts46=True).decode("ascii") if raw else ""
    except idna.IDNAError:
        raise ConfigError(
            f"{setting} is {raw!r}; it must be a name for the DNS, as in mail2026 or example.org."
        ) from None


def read_hello(setting: str, raw: str) -> str:
    """Raises ConfigError for what is neither a host name nor an address literal."""
    if raw and not _HELLO.fullmatch(raw):
        raise ConfigError(
            f"{setting} is {raw!r}; it must be a host name, as in vigie.example.org, or [192.0.2.1]."
        )
    return raw


def hello(configured: str, mail_from: str, public_url: str, machine: Callable[[], str]) -> str:
    """Our name to a relay: many refuse one that is no full name, and some one that cannot be.

    What is configured; else the domain of the sender, the portal's host, the machine's own name, whichever is a
    full name first; else whatever the machine is called.
    """
    if configured:
        return configured
    for name in (mail_from.rpartition("@")[2].rstrip("> "), urlsplit(public_url).hostname or ""):
        if _full(name):
            return name
    return machine() or "localhost"


def _full(name: str) -> bool:
    return "." in name and not name.startswith("localhost") and not _NUMERIC.fullmatch(name)
