"""The SMTP door: hands one mail after the other to a relay and tells apart what its answers mean.

`smtp://` is plain, with STARTTLS when the relay offers it; `smtps://` is TLS from the first byte. With a user in
the URL the relay's certificate must hold, because a password is at stake; without one STARTTLS takes any
certificate, as mail servers do among themselves: the alternative is plain text.

An answer may take as long as RFC 5321 grants it: a relay delivers what was handed over to the final dot, also
where the sender did not wait for the answer, hung up, and sends it again.
"""

import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Final

from services.notifier.mime import Mail
from services.notifier.outcomes import NotTried, Outcome, Refused, Sent, Unknown
from services.notifier.refusals import About, Phase, judge, parsed
from shared.errors import MailUnavailable
from shared.service_url import read_service_url
from shared.tls import believing, trust_also


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: those of RFC 5321 4.5.3.2, and `whole` for all of a mail up to its final dot.

    `parting` is for what nobody waits for: QUIT, and the answer to a mail when we are told to stop.
    """

    connect: float = 30.0
    command: float = 300.0  # the greeting, EHLO, AUTH, MAIL, RCPT
    data: float = 120.0
    block: float = 180.0
    end: float = 600.0
    whole: float = 1500.0
    parting: float = 5.0


LIMITS: Final = Limits()
BLOCK: Final = 1 << 16  # bytes
PER_CONNECTION: Final = 50  # mails; relays limit it, most at 100
_BROKEN: Final = (OSError, smtplib.SMTPException)
_NEW_CONNECTION: Final = (About.CONNECTION, About.LIMIT, About.US)  # whatever comes next, not on this one


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What speaking with a relay showed: the version of TLS, empty without, and what it refused, if anything."""

    tls: str
    refused: Refused | None


class _No(Exception):
    """The relay refused."""

    def __init__(self, code: int, reply: bytes) -> None:
        self.code, self.words = code, reply.decode("utf-8", "replace")


class _Halted(Exception):
    """We were told to stop, and nothing was handed over."""


class SmtpRelay:
    """A relay by its URL. Keeps its connection between mails until `rest`. `hello` is our name in EHLO."""

    def __init__(self, url: str, *, hello: str = "", ca_file: Path | None = None, limits: Limits = LIMITS) -> None:
        parts = read_service_url("VIGIE_SMTP_URL", url, ("smtp", "smtps"))
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.host, parts.port
        self._user, self._password = parts.user, parts.password
        self._hello, self._limits = hello, limits
        self._context = believing(ssl.create_default_context, ca_file)
        if not self._user and not self._tls:
            self._context = trust_also(_unchecked(), ca_file)
        self._connection: smtplib.SMTP | None = None
        self._served = 0  # mails on this connection
        self._unfinished = False  # a refused mail is still open on it
        self._deadline = 0.0
        self._phase = Phase.GREETING
        self.awaited_since: float | None = None  # its greeting (monotonic); read from another thread
        self.greeted = float("-inf")
        self._halting = False
        self._guard = Lock()  # of the last two, which `halt` reads and writes from another thread

    def send(self, mail: Mail) -> Outcome:
        """Hand a mail over. Where a connection has served already, its end says nothing: a new one is tried."""
        served = self._connection is not None and self._served > 0
        self._deadline = time.monotonic() + self._limits.whole
        outcome = self._attempt(mail)
        stale = isinstance(outcome, Refused) and (outcome.phase <= Phase.MAIL or outcome.about is About.CONNECTION)
        return self._attempt(mail) if served and stale else outcome

    def rehearse(self, sender: str) -> Rehearsed:
        """Say all that a mail of `sender` to itself says up to its recipient, and then send none.

        Raises MailUnavailable where there is no speaking with the relay.
        """
        self._deadline, spoken = time.monotonic() + self._limits.whole, ""
        try:
            connection = self._ready()
            spoken = connection.sock.version() or "" if isinstance(connection.sock, ssl.SSLSocket) else ""
            self._name(connection, sender, sender)
            connection.rset()
            return Rehearsed(spoken, None)
        except _No as no:
            return Rehearsed(spoken, self._refused(no))
        except _BROKEN as error:
            raise MailUnavailable(f"{self.place} cannot be used: {_said(error)}") from error
        finally:
            self._phase = Phase.GREETING
            self.rest()

    def rest(self) -> None:
        if self._connection is not None and self._connection.sock is not None:
            with suppress(*_BROKEN):
                self._connection.sock.settimeout(self._limits.parting)
                self._connection.quit()
        self._drop()

    def halt(self) -> None:
        """A mail before its final dot is broken off; after it, the answer is waited for a little."""
        with self._guard:
            self._halting = True
            handed_over = self._phase is Phase.END
        shut = Timer(self._limits.parting if handed_over else 0.0, self._shut)
        shut.daemon = True
        shut.start()

    def _attempt(self, mail: Mail) -> Outcome:
        try:
            self._hand_over(self._ready(), mail)
        except _No as no:
            return self._refused(no)
        except _Halted:
            return NotTried("the sender stops")
        except _BROKEN as error:
            return self._broke_off(error)
        finally:
            self._phase = Phase.GREETING
        self._served += 1
        return Sent()

    def _ready(self) -> smtplib.SMTP:
        if self._connection is None or self._served >= PER_CONNECTION:
            self.rest()
            self._enter(Phase.GREETING)
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        connection = smtplib.SMTP(local_hostname=self._hello or None)
        connection._host = self._host  # type: ignore[attr-defined]  # as its constructor would, which connects, and then cannot be halted
        connection.sock = socket.create_connection((self._host, self._port), self._limits.connect)
        if self._tls:
            connection.sock = self._context.wrap_socket(connection.sock, server_hostname=self._host)
        self._connection, self._served, self._unfinished = connection, 0, False
        self._wait(connection, self._limits.command)
        self.awaited_since = time.monotonic()
        try:
            answer = connection.getreply()
        finally:
            self.awaited_since = None
        self._expect(answer, 220)
        self.greeted = time.monotonic()
        try:
            connection.ehlo_or_helo_if_needed()
            if not self._tls and connection.has_extn("starttls"):
                connection.starttls(context=self._context)
                connection.ehlo_or_helo_if_needed()
            if self._user:
                connection.login(self._user, self._password)
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error
            raise _No(error.smtp_code, said if isinstance(said, bytes) else said.encode()) from error
        return connection

    def _hand_over(self, connection: smtplib.SMTP, mail: Mail) -> None:
        limits = self._limits
        self._name(connection, mail.sender, mail.recipient)
        self._enter(Phase.DATA)
        self._wait(connection, limits.data)
        self._expect(connection.docmd("DATA"), 354)
        content = _stuffed(mail.as_bytes()) + b".\r\n"
        *first, last = (content[at : at + BLOCK] for at in range(0, len(content), BLOCK))
        for block in first:
            self._wait(connection, limits.block)
            connection.send(block)
        self._enter(Phase.END)
        self._wait(connection, limits.block)
        connection.send(last)
        self._wait(connection, limits.end, whole=False)
        self._expect(connection.getreply(), 250, 251, 252)

    def _name(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        """MAIL and RCPT."""
        self._enter(Phase.MAIL)
        self._wait(connection, self._limits.command)
        if self._unfinished:
            self._expect(connection.rset(), 250)
            self._unfinished = False
        self._expect(connection.docmd("MAIL", f"FROM:<{sender}>"), 250)
        self._enter(Phase.RCPT)
        self._wait(connection, self._limits.command)
        self._expect(connection.docmd("RCPT", f"TO:<{recipient}>"), 250, 251)

    def _enter(self, phase: Phase) -> None:
        with self._guard:
            if self._halting:
                raise _Halted
            self._phase = phase

    def _wait(self, connection: smtplib.SMTP, seconds: float, *, whole: bool = True) -> None:
        """For the next answer; up to the final dot, not beyond the time for the whole mail."""
        if connection.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        left = self._deadline - time.monotonic() if whole else seconds
        connection.sock.settimeout(max(0.001, min(seconds, left)))

    def _expect(self, answer: tuple[int, bytes], *good: int) -> None:
        code, reply = answer
        if 400 <= code < 600:
            raise _No(code, reply)
        if code not in good:
            raise smtplib.SMTPResponseException(code, reply)  # out of step, or no mail server

    def _refused(self, no: _No) -> Refused:
        phase = self._phase
        about = judge(phase, parsed(no.code, no.words))
        if phase is Phase.GREETING or about in _NEW_CONNECTION:
            self.rest()
        else:
            self._served, self._unfinished = self._served + 1, True
        return Refused(about, f"{no.code} {no.words}", phase)

    def _broke_off(self, error: Exception) -> Outcome:
        """What a broken connection means for the mail on it."""
        phase, halting = self._phase, self._halting
        self._drop()
        if phase is Phase.END:
            return Unknown(f"{self.place} did not answer after the final dot: {_said(error)}")
        if halting:
            return NotTried("the sender stops")
        if phase is Phase.GREETING:
            raise MailUnavailable(f"{self.place} cannot be used: {_said(error)}") from error
        # it may be this mail that the relay cannot bear: once anything is known of it, it pays
        about = About.CONNECTION if phase is Phase.MAIL else About.MAIL_LATER
        return Refused(about, f"{self.place} broke off: {_said(error)}", phase)

    def _shut(self) -> None:
        if (connection := self._connection) is not None and connection.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # below TLS, whose state stays whole

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def place(self) -> str:
        """Which relay, by host and port."""
        return f"the mail relay {self._host}:{self._port}"


def _unchecked() -> ssl.SSLContext:
    """For a relay that takes mail without a password: encrypted where it offers that, whoever it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _stuffed(content: bytes) -> bytes:
    """A dot that begins a line is doubled: one alone would end the mail."""
    doubled = content.replace(b"\n.", b"\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
