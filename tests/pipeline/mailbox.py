"""A real SMTP server on loopback that keeps what it took."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.pipeline.harness import free_port


class Mailbox:
    """`mails` holds every message accepted, in order.

    While `refuses`, nobody may send, which `refused` counts. The next `silent` messages are taken, and then the
    connection breaks, so that the sender never hears of it.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses, self.refused = False, 0
        self.silent = 0
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            self.refused += 1
            return "421 gone for lunch"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        if self.silent:
            self.silent -= 1
            server.transport.abort()
        return "250 taken"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def texts(self) -> list[str]:
        """The plain parts, each in one line: a long title is wrapped."""
        bodies = [mail.get_body(("plain",)).get_content() for mail in self.mails]  # type: ignore[union-attr]
        return [" ".join(str(body).split()) for body in bodies]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._controller.stop()
