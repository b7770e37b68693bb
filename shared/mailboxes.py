"""Pure. The mailboxes that newsletters arrive in, as the setting VIGIE_MAILBOXES names them.

    NAME=imaps://user:password@host[:port][?authserv=mx.example.org]

Several are separated by white space; one without a name is called `default`. `imaps` is TLS from the first byte,
`imap` begins plain and turns to TLS (STARTTLS). `authserv` is the name under which the mail server that takes mail
for this mailbox writes its Authentication-Results; only those are believed, and none where it is not given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.errors import ConfigError
from shared.service_url import ServiceUrl, read_service_url

DEFAULT: Final = "default"
SCHEMES: Final = ("imaps", "imap")
_NAMED: Final = re.compile(r"(?P<name>[^\s=:/?]+)=(?P<url>[a-z]+://\S*)")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox on an IMAP server. `repr` shows no password.

    `authserv` is the authserv-id (RFC 8601) of the server that is believed about senders, in lower case.
    """

    name: str
    server: ServiceUrl
    authserv: str = ""

    @property
    def place(self) -> str:
        """The mailbox for people: name and server, no user and no password."""
        return f"the mailbox {self.name!r} at {self.server.place}"


def read_accounts(where: str, raw: str) -> tuple[Account, ...]:
    """The mailboxes of the setting. Raises ConfigError, which repeats nothing that may be a secret."""
    accounts: dict[str, Account] = {}
    for word in raw.split():
        named = _NAMED.fullmatch(word)
        account = _account(where, *((named["name"], named["url"]) if named else (DEFAULT, word)))
        if account.name in accounts:
            raise ConfigError(
                f"{where} has two mailboxes called {account.name!r}. Write NAME=imaps://user:password@host for "
                "each."
            )
        accounts[account.name] = account
    return tuple(accounts.values())


def written_accounts(raw: Any) -> str:
    """The setting as one text: a table of `vigie.toml` names its mailboxes by its keys."""
    return (
        "\n".join(f"{name}={url}" for name, url in raw.items()) if isinstance(raw, Mapping) else str(raw).strip()
    )


def shown_accounts(raw: str) -> str:
    """The setting for people."""
    return " ".join(f"{account.name}={account.server.shown}" for account in read_accounts("VIGIE_MAILBOXES", raw))


def _account(where: str, name: str, url: str) -> Account:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{where}: the name of a mailbox must be made of a-z, 0-9, dot, hyphen and underscore, as in "
            "news=imaps://user:password@host."
        )
    server = read_service_url(f"{where} ({name})", url, SCHEMES)
    if not server.user or not server.password:
        raise ConfigError(
            f"{where} ({name}): user and password are needed, as in imaps://user:password@host; an @ in the user "
            "is written %40."
        )
    query = dict(server.query)
    if set(query) - {"authserv"}:
        raise ConfigError(f"{where} ({name}): behind ? only authserv=NAME is known.")
    return Account(name, server, query.get("authserv", "").strip().lower())
