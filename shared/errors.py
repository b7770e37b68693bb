"""The error tree. A message says what, where and what to do.

VigieError
├── Unprocessable       this item is sick: it goes to the dead letters, the stream goes on
├── Unavailable         the world is sick: commit nothing, back off, show red
│   ├── BusUnavailable
│   ├── StoreUnavailable
│   ├── SchemaOutdated  the store waits for `vigie migrate`
│   └── MailUnavailable
├── ConfigError         a setting or a file of the operator is wrong
├── QueryError          a search query cannot be understood; carries the position
├── NotFound            no such source, item, person, dead letter
├── Conflict            somebody holds it already: an instance name, a bus reader, a claim
└── BadInput            what a person or a publisher gave cannot be used
    ├── NotAFeed
    ├── FetchRefused    our own rules refuse the request (address, scheme, redirect, size, time)
    ├── BadAddress
    └── BadLink         a link of a mail is damaged, of another installation, or too old
"""


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


class MailUnavailable(Unavailable):
    """The mail relay does not answer or refuses everything."""


class ConfigError(VigieError):
    """A setting is wrong; the message names it and where it was read."""


class QueryError(VigieError):
    """A query cannot be understood.

    `position` is the offset of the first character in question, counted from 0.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class NotFound(VigieError):
    """Nothing of that name."""


class Conflict(VigieError):
    """Somebody else holds it."""


class BadInput(VigieError):
    """Input from outside cannot be used."""


class NotAFeed(BadInput):
    """The document is no feed."""


class FetchRefused(BadInput):
    """Our own rules refuse this request."""


class BadAddress(BadInput):
    """Not a usable e-mail address."""


class BadLink(BadInput):
    """A signed link that does not hold."""
