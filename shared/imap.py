"""The IMAP door: looks into a folder of a mailbox and leaves it as it was, opened to read, no mail marked as seen.

`imaps://` is TLS from the first byte, `imap://` turns to TLS before anything is said (STARTTLS). Certificates must
hold, by the public authorities or those of VIGIE_CA_FILE. Without TLS nothing is said to anybody but a server on
this machine's loopback that VIGIE_ALLOWED_NETWORKS lists.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Timer
from typing import Any, Final

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.mailboxes import Account
from shared.tls import trust_also, what_failed
from shared.web.addresses import is_allowed, parse_address

CONNECT: Final = 15.0  # seconds
ANSWER: Final = 30.0  # seconds for each read
WHOLE: Final = 150.0  # seconds for everything that is asked in one visit
CHUNK: Final = 200  # mails whose headers are asked for at once
HEADERS: Final = "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID DATE)]"


# RFC 5530: a refusal that says nothing of user and password
_LATER: Final = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]|too many", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder: `validity` says which numbers its mails have, `following` is the number of the next one."""

    validity: int
    following: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail before it is fetched. `header` has the bytes of sender, subject and Message-ID."""

    uid: int
    size: int
    received: datetime
    header: bytes


class Folder:
    """A folder that is open to be read."""

    def __init__(self, client: IMAPClient, opened: Opened, place: str) -> None:
        self._client, self.opened, self._place = client, opened, place

    def uids(self, first: int, since: date) -> list[int]:
        """The numbers of the mails from `first` on that came on that day or later, ascending."""
        found = self._client.search(["UID", f"{first}:*", "SINCE", since])
        return sorted(uid for uid in found if uid >= first)  # `*` is the last mail, however small its number

    def envelopes(self, uids: Sequence[int]) -> Iterator[Envelope]:
        for start in range(0, len(uids), CHUNK):
            asked = uids[start : start + CHUNK]
            answer = self._client.fetch(asked, [HEADERS, "RFC822.SIZE", "INTERNALDATE"])
            for uid in asked:
                if uid in answer:  # else it went away meanwhile
                    yield _envelope(uid, answer[uid])

    def mail(self, uid: int) -> bytes | None:
        """A whole mail; None where it went away meanwhile."""
        answer = self._client.fetch([uid], ["BODY.PEEK[]"])
        return answer[uid].get(b"BODY[]") if uid in answer else None


@contextmanager
def opened(account: Account, folder: str, settings: Settings) -> Iterator[Folder]:
    """The folder of a mailbox. Raises FetchFailed, in words, for all that goes wrong with it."""
    client = None
    try:
        client = _connected(account, settings)
        watch = Timer(WHOLE, _shut, [client])
        watch.daemon = True
        watch.start()
        try:
            _log_in(client, account)
            yield Folder(client, _select(client, account, folder), account.place)
        finally:
            watch.cancel()
    except (OSError, IMAPClientError, imaplib.IMAP4.error) as error:
        raise _failed(account, error) from error
    finally:
        if client is not None:
            _leave(client)


def greeted(account: Account, settings: Settings) -> str:
    """What a visit to a mailbox shows: the version of TLS, empty without. Raises FetchFailed."""
    with opened(account, "INBOX", settings) as folder:
        sock = folder._client.socket()
        return sock.version() or "" if isinstance(sock, ssl.SSLSocket) else ""


def _connected(account: Account, settings: Settings) -> IMAPClient:
    server = account.server
    context = trust_also(ssl.create_default_context(), settings.ca_file)
    tls = server.scheme == "imaps"
    client = IMAPClient(
        server.host, server.port, ssl=tls, ssl_context=context, timeout=SocketTimeout(CONNECT, ANSWER)
    )
    if tls:
        return client
    try:
        if client.has_capability("STARTTLS"):
            client.starttls(context)
        else:
            _check_plain(client, account, settings)
    except BaseException:
        _leave(client)
        raise
    return client


def _check_plain(client: IMAPClient, account: Account, settings: Settings) -> None:
    """A password in the clear stays on this machine, and only where somebody allowed it."""
    peer = parse_address(client.socket().getpeername()[0])
    if not (peer.is_loopback and is_allowed(peer, settings.allowed_networks)):
        raise FetchFailed(
            f"{account.place} offers no TLS, and gets no password without: write imaps://, or ask its operator",
            Trouble.TLS,
        )


def _log_in(client: IMAPClient, account: Account) -> None:
    """AUTHENTICATE PLAIN where it is offered: LOGIN knows no password beyond ASCII."""
    user, password = account.server.user, account.server.password
    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, password)
        else:
            client.login(user, password)
    except LoginError as error:
        if _LATER.search(str(error)):
            words = _words(error, user, password)
            raise FetchFailed(f"{account.place} takes nobody in for now: {words}", Trouble.BUSY) from error
        raise FetchFailed(
            f"{account.place} refused the login ({_words(error, user, password)}): check user and password in "
            "VIGIE_MAILBOXES",
            Trouble.BLOCKED,
        ) from error
    except UnicodeEncodeError:
        raise FetchFailed(
            f"{account.place} takes no password beyond ASCII: give the mailbox another one", Trouble.BLOCKED
        ) from None


def _select(client: IMAPClient, account: Account, folder: str) -> Opened:
    try:
        said = client.select_folder(folder, readonly=True)
    except IMAPClientError as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        raise FetchFailed(
            f"{account.place} has no folder {folder!r} that can be read: {_words(error)}", Trouble.HTTP_4XX
        ) from error
    return Opened(_number(said, b"UIDVALIDITY"), _number(said, b"UIDNEXT"))


def _number(said: Mapping[bytes, Any], key: bytes) -> int:
    value = said.get(key, 0)
    return value if isinstance(value, int) else 0


def _envelope(uid: int, answer: Mapping[bytes, Any]) -> Envelope:
    received = answer.get(b"INTERNALDATE")
    header = next((value for key, value in answer.items() if key.startswith(b"BODY[HEADER")), b"")
    moment = received.astimezone(UTC) if isinstance(received, datetime) else datetime.fromtimestamp(0, UTC)
    return Envelope(uid, int(answer.get(b"RFC822.SIZE", 0)), moment, header or b"")


def _failed(account: Account, error: Exception) -> FetchFailed:
    if isinstance(error, FetchFailed):
        return error
    words = _words(error, account.server.user, account.server.password)
    if isinstance(error, ssl.SSLError):
        return FetchFailed(f"{account.place}: no secure connection: {what_failed(error)}", Trouble.TLS)
    if isinstance(error, socket.gaierror):
        return FetchFailed(f"{account.place}: there is no such host: {words}", Trouble.DNS)
    if isinstance(error, TimeoutError):
        return FetchFailed(f"{account.place} did not answer in time", Trouble.TIMEOUT)
    if isinstance(error, OSError):
        return FetchFailed(f"{account.place}: no connection: {words}", Trouble.CONNECT)
    if isinstance(error, imaplib.IMAP4.abort):
        return FetchFailed(f"{account.place} broke off: {words}", Trouble.CONNECT)
    return FetchFailed(f"{account.place} cannot be read: {words}", Trouble.HTTP_5XX)


def _words(error: Exception, *secrets: str) -> str:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    for secret in secrets:
        said = said.replace(secret, "***") if secret else said
    return said


def _shut(client: IMAPClient) -> None:
    with suppress(OSError, ValueError):
        socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)  # below TLS, whose state stays whole


def _leave(client: IMAPClient) -> None:
    with suppress(OSError, IMAPClientError, imaplib.IMAP4.error):
        client.socket().settimeout(2.0)
        client.logout()
        return
    with suppress(OSError, IMAPClientError, imaplib.IMAP4.error):
        client.shutdown()
