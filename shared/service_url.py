"""Pure. The one reader of addresses of services: relay, database, brokers, proxy, mailboxes. They hold passwords.

scheme://[user[:password]@]host[:port][,host[:port]…][/path][?name=value&…]

A password that holds a character of the grammar would become a part of the host, the path or the query, and would
be shown as such. So what is not plain is refused, with the way to write it, and nothing of it is repeated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote

from shared.errors import ConfigError

ESCAPES: Final = {"/": "%2F", "?": "%3F", "#": "%23", "[": "%5B", "]": "%5D", "@": "%40", " ": "%20"}
_DATABASE: Final = "postgresql+psycopg"
DEFAULT_PORTS: Final = {
    "smtp": 25,
    "smtps": 465,
    "imap": 143,
    "imaps": 993,
    _DATABASE: 5432,
    "http": 80,
    "https": 443,
}
_HOST: Final = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<name>[^\s:\[\]@%<>\"'\\]+))(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class Host:
    """A host, and the port where one is written."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class ServiceUrl:
    """An address in its parts, percent-escapes undone. `repr` shows neither password nor query."""

    scheme: str
    hosts: tuple[Host, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def host(self) -> str:
        """The first host; empty where none is written."""
        return self.hosts[0].name if self.hosts else ""

    @property
    def port(self) -> int:
        """The first host's port, else the scheme's; 0 where there is neither."""
        return (self.hosts[0].port if self.hosts else None) or DEFAULT_PORTS.get(self.scheme, 0)

    @property
    def place(self) -> str:
        """The first host with its port."""
        return str(Host(self.host, self.port))

    @property
    def shown(self) -> str:
        """The address for people: without user, password and query."""
        hosts = ",".join(map(str, self.hosts))
        return f"{self.scheme}://{'***@' if self.user or self.password else ''}{hosts}{self.path}"


def read_service_url(setting: str, raw: str, schemes: Sequence[str] = ()) -> ServiceUrl:
    """Raises ConfigError, which names `setting` and what to write, and repeats nothing that may be a secret."""
    scheme, separator, rest = raw.partition("://")
    if not separator or (schemes and scheme not in schemes):
        raise ConfigError(f"{setting}: the address must begin with {' or '.join(s + '://' for s in schemes)}.")
    if scheme == "sqlite":  # a file: no host and no secret
        if rest and not re.match(r"/[^?]", rest):
            raise ConfigError(f"{setting}: write sqlite:///folder/file, or sqlite:////folder/file from the root.")
        return ServiceUrl(scheme, (), path=rest)
    _check_written(setting, scheme, rest)
    end = re.search(r"[/?]", rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    credentials, _, hosts = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    path, _, query = tail.partition("?")
    url = ServiceUrl(
        scheme,
        tuple(_host(setting, scheme, host) for host in hosts.split(",") if host),
        _unescaped(setting, user),
        _unescaped(setting, password),
        path,
        tuple(parse_qsl(query, keep_blank_values=True)),
    )
    _check_complete(setting, url)
    return url


def shown(raw: str) -> str:
    """A service's address for people; *** where it cannot be told what of it is secret."""
    if not raw:
        return ""
    try:
        return read_service_url("", raw).shown
    except ConfigError:
        return "***"


def _check_written(setting: str, scheme: str, rest: str) -> None:
    """Everything before the last @ is user and password, and must look so."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in rest):
        raise ConfigError(f"{setting}: the address holds a line break or another control character.")
    before = rest.rpartition("@")[0]
    if found := re.search(r"[/?#\[\] ]", before):
        letter = found[0]
        raise ConfigError(
            f"{setting}: {_said(letter)} stands before the last @, where user and password end. Write it as "
            f"{ESCAPES[letter]}, as in {scheme}://user:pass{ESCAPES[letter]}word@host. {_every()}"
        )
    if "#" in rest:
        raise ConfigError(f"{setting}: the address holds a #. Write it as {ESCAPES['#']}. {_every()}")


def _check_complete(setting: str, url: ServiceUrl) -> None:
    """One host for a relay, a proxy and a mailbox; brokers and databases may be several. Not all have settings."""
    several, more = url.scheme in ("kafka", _DATABASE), url.path.strip("/") and url.scheme != _DATABASE
    if more or (url.query and not (several or url.scheme in ("imap", "imaps"))):
        raise ConfigError(f"{setting}: the address must end with host or host:port, no path and no ?. {_every()}")
    if not several and len(url.hosts) != 1:
        raise ConfigError(f"{setting}: the address must name one host, as in {url.scheme}://host:{url.port}.")


def _every() -> str:
    """Which characters a user, a password or a value must not hold as they are."""
    pairs = ", ".join(f"{_said(letter)} as {escape}" for letter, escape in ESCAPES.items())
    return f"In user, password and values write {pairs}, and % as %25."


def _said(letter: str) -> str:
    return "a blank" if letter == " " else f"a {letter}"


def _host(setting: str, scheme: str, written: str) -> Host:
    found = _HOST.fullmatch(written)
    if found is None or (found["port"] and not 0 < int(found["port"]) <= 65535):
        # what looks like a host or a port may be a piece of a password whose @ was forgotten
        raise ConfigError(
            f"{setting}: after user and password must stand host or host:port, with a port from 1 to 65535, as "
            f"in {scheme}://user:password@host:{DEFAULT_PORTS.get(scheme, 9092)}."
        )
    return Host(found["ipv6"] or found["name"], int(found["port"]) if found["port"] else None)


def _unescaped(setting: str, text: str) -> str:
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ConfigError(f"{setting}: user or password hold percent-escapes that are not UTF-8.") from None
    if "\0" in plain:  # libraries in C end there, and take a default for what follows
        raise ConfigError(f"{setting}: user or password hold a zero byte.")
    return plain
