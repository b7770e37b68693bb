"""A real SMTP server on loopback that answers as a test tells it to."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.pipeline.harness import free_port

HANG_UP: Final = "hang up"  # in place of an answer


class Relay:
    """`taken` holds the content of every mail accepted. `answers` are by command: MAIL, RCPT, DATA."""

    def __init__(self, answers: Mapping[str, str] | None = None, *, login: bool = False, **options: Any) -> None:
        self.answers = dict(answers or {})
        self.taken: list[bytes] = []
        self.options: list[str] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []
        self.connections = 0
        self._server: SMTP | None = None
        self.logins: list[tuple[str, str]] = []
        if login:
            options |= {"authenticator": self._authenticate, "auth_require_tls": False}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), **options)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_EHLO(
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        self._server = server
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        self.options = options
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get("RCPT", "250 OK")
        self.recipients.append(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", "250 OK")
        content = envelope.original_content or b""
        if answer == HANG_UP or answer.startswith("250"):
            self.taken.append(content)
        if answer == HANG_UP:
            server.transport.abort()
        return answer

    def hang_up(self) -> None:
        """End the connection that is open."""
        assert self._server is not None
        self._controller.loop.call_soon_threadsafe(self._server.transport.abort)

    def _authenticate(self, *_arguments: Any) -> AuthResult:
        login = _arguments[-1]
        self.logins.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=login.password == b"p@ss/word", handled=False)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._controller.stop()
