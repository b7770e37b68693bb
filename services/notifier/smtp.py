"""The SMTP door: hands one mail after the other to a relay and tells apart what its answers mean.

`smtp://` is plain, with STARTTLS when the relay offers it; `smtps://` is TLS from the first byte. With a user in
the URL the relay's certificate must hold, because a password is at stake; without one STARTTLS takes any
certificate, as mail servers do among themselves: the alternative is plain text.
"""

import re
import smtplib
import ssl
from pathlib import Path
from typing import Final

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Refused, Sent, Unknown, without_addresses
from shared.errors import MailUnavailable
from shared.service_url import read_service_url
from shared.tls import trust_also

TIMEOUT: Final = 30.0  # seconds for each answer of the relay
PER_CONNECTION: Final = 50  # mails; relays limit it, most at 100
_GOING_AWAY: Final = 421
_LOGIN: Final = frozenset({530, 534, 535, 538})  # the relay wants a login: it would refuse every mail
_TOO_BIG: Final = 552
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")


class SmtpRelay:
    """A relay by its URL. Keeps its connection between mails until `rest`."""

    def __init__(self, url: str, timeout: float = TIMEOUT, *, ca_file: Path | None = None) -> None:
        parts = read_service_url("VIGIE_SMTP_URL", url, ("smtp", "smtps"))
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.host, parts.port
        self._user, self._password = parts.user, parts.password
        self._timeout = timeout
        self._context = trust_also(ssl.create_default_context(), ca_file)
        if not self._user and not self._tls:
            self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE
        self._connection: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, mail: Mail) -> Outcome:
        connection = self._ready()
        try:
            outcome = self._hand_over(connection, mail)
        except (OSError, smtplib.SMTPException) as error:
            # before the last byte, so surely not taken; it may be this mail that the relay cannot bear, so that
            # the others must not wait behind it: if it is the world, the next connection fails
            self._drop()
            return Refused(permanent=False, reason=f"{self._place()} broke off: {_said(error)}")
        except MailUnavailable:
            self._drop()
            raise
        self._sent += 1
        if isinstance(outcome, Unknown):
            self._drop()
        return outcome

    def rest(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.quit()
        except (OSError, smtplib.SMTPException):
            self._connection.close()
        self._connection = None

    def _ready(self) -> smtplib.SMTP:
        """A connection that answers: the one held, or a new one."""
        if self._connection is not None and self._sent < PER_CONNECTION and self._answers(self._connection):
            return self._connection
        self.rest()
        try:
            self._connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(f"{self._place()} cannot be used: {_said(error)}") from error
        self._sent = 0
        return self._connection

    def _answers(self, connection: smtplib.SMTP) -> bool:
        try:
            return connection.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _connect(self) -> smtplib.SMTP:
        context = self._context
        connection = (
            smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
            if self._tls
            else smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        )
        try:
            connection.ehlo_or_helo_if_needed()
            if not self._tls and connection.has_extn("starttls"):
                connection.starttls(context=context)
                connection.ehlo()
            if self._user:
                connection.login(self._user, self._password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _hand_over(self, connection: smtplib.SMTP, mail: Mail) -> Outcome:
        code, reply = connection.mail(mail.sender)
        if code != 250:
            # what is refused here is refused in every mail: a wrong sender setting, or a relay that goes away
            return self._refusal(code, reply, everybody=code == _GOING_AWAY or (code >= 500 and code != _TOO_BIG))
        code, reply = connection.rcpt(mail.recipient)
        if code not in (250, 251):
            return self._refusal(code, reply)
        code, reply = connection.docmd("DATA")
        if code != 354:
            return self._refusal(code, reply)
        connection.send(_LEADING_DOT.sub(b"..", mail.as_bytes()) + b".\r\n")
        try:
            code, reply = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(f"{self._place()} did not answer after the final dot: {_said(error)}")
        if 200 <= code < 300:
            return Sent()
        if 400 <= code < 600:
            return self._refusal(code, reply)
        return Unknown(f"{self._place()} answered {code} after the final dot")  # smtplib: -1 for what is no reply

    def _refusal(self, code: int, reply: bytes, *, everybody: bool = False) -> Refused:
        said = f"{code} {reply.decode('utf-8', 'replace')}"
        if everybody or code in _LOGIN:
            raise MailUnavailable(f"{self._place()} takes no mail of ours: {without_addresses(said)}")
        return Refused(permanent=code >= 500, reason=said)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _place(self) -> str:
        return f"the mail relay {self._host}:{self._port}"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
