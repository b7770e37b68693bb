"""The error tree. A message says what, where and what to do.

VigieError
├── Unprocessable       this item is sick: it goes to the dead letters, the stream goes on
├── Unavailable         the world is sick: commit nothing, back off, show red
│   ├── BusUnavailable
│   ├── StoreUnavailable
│   ├── SchemaOutdated  the store waits for `vigie migrate`
│   ├── JournalUnavailable  the notifier's journal cannot be read or written: no mail leaves
│   └── MailUnavailable
├── ConfigError         a setting or a file of the operator is wrong
├── QueryError          a search query cannot be understood; carries the position
├── NotFound            no such source, item, person, dead letter
├── Gone                an item that was taken out for good; carries the reason
├── Conflict            somebody holds it already: an instance name, a bus reader, a claim
└── BadInput            what a person or a publisher gave cannot be used
    ├── NotAFeed
    ├── FetchFailed     no document came back: network, server, or our own rules; carries its class
    ├── BadAddress
    └── BadLink         a link of a mail is damaged, of another installation, or too old
"""

from datetime import datetime
from enum import StrEnum

from shared.shown_url import text_without_secrets


class VigieError(Exception):
    """Root of every error that Vigie raises on purpose."""


class Unprocessable(VigieError):
    """This record cannot be processed, now or later."""


class Unavailable(VigieError):
    """A part of the world that we need does not answer."""


class BusUnavailable(Unavailable):
    """The bus does not take or give records."""


class StoreUnavailable(Unavailable):
    """The database does not answer."""


class SchemaOutdated(Unavailable):
    """The database schema is older than this program. Run `vigie migrate`."""


class JournalUnavailable(Unavailable):
    """The journal of withdrawals cannot be used."""


class MailUnavailable(Unavailable):
    """The mail relay does not answer or refuses everything."""


class ConfigError(VigieError):
    """A setting is wrong; the message names it and where it was read."""


class QueryError(VigieError):
    """A query cannot be understood.

    `position` is the offset of the first character in question, counted from 0. The message is English;
    `shared.query.wrong` says what `key` and `values` mean in the reader's language.
    """

    def __init__(self, message: str, position: int = 0, key: str = "", **values: object) -> None:
        super().__init__(message)
        self.position, self.key, self.values = position, key, values


class NotFound(VigieError):
    """Nothing of that name."""


class Gone(VigieError):
    """What had this name was taken out on purpose, at `at`; `reason` is a word of `shared.archive.removal`."""

    def __init__(self, message: str, reason: str, at: datetime) -> None:
        super().__init__(message)
        self.reason, self.at = reason, at


class Conflict(VigieError):
    """Somebody else holds it."""


class BadInput(VigieError):
    """Input from outside cannot be used."""


class NotAFeed(BadInput):
    """The document is no feed."""


class Trouble(StrEnum):
    """The class of a failed fetch, in the words that operators know."""

    DNS = "dns"
    TLS = "tls"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    BUSY = "busy"  # 429 or 503: come back later
    GONE = "gone"  # 410
    TOO_LARGE = "too_large"
    NOT_A_FEED = "not_a_feed"
    BLOCKED = "blocked"  # 401, 403, 407 or 451: the server turns us away
    FORBIDDEN = "forbidden"  # robots.txt asks us to stay away
    WAITS = "waits"  # a listing page whose entries somebody must accept first
    REBUILT = "rebuilt"  # a listing page that is not what was accepted
    REFUSED = "refused"  # our own rules: address, scheme, redirects


class FetchFailed(BadInput):
    """No document came back. `status` is the HTTP status; `retry_after` is in seconds, as the server asks.

    The sentence is stored and shown with the source, so it holds no address with a password or a key.
    """

    def __init__(
        self, message: str, trouble: Trouble, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text_without_secrets(message))
        self.trouble, self.status, self.retry_after = trouble, status, retry_after


class BadAddress(BadInput):
    """Not a usable e-mail address."""


class BadLink(BadInput):
    """A signed link that does not hold."""
