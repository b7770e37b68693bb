"""A real web server that takes posts, as a receiver of webhooks; and the check of signatures of the manual."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

MANUAL: Final = Path(__file__).parent.parent / "docs" / "elsewhere.md"

PATIENCE: Final = 60.0  # seconds until a test that hangs fails

Verify = Callable[..., bool]


@dataclass(frozen=True)
class Taken:
    """A post that came in. Names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class HookServer:
    """Answers 204, or what `next` says: statuses, each perhaps with headers; while it is `held` not at all."""

    def __init__(self) -> None:
        self.held = False
        self._let_go = threading.Event()
        self.taken: list[Taken] = []
        self.next: list[int | tuple[int, Mapping[str, str]]] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def wait(self) -> None:
        """Until it is let go, where it is held."""
        if self.held:
            self._let_go.wait(PATIENCE)

    def let_go(self) -> None:
        self.held = False
        self._let_go.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who was killed while it waited is no news."""


@cache
def verifier() -> Verify:
    """The function of the manual, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)
    found: Verify = known["is_from_vigie"]
    return found


def _handler(server: HookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            names = {name.lower(): value for name, value in self.headers.items()}
            server.taken.append(Taken(self.path, names, body))
            server.wait()
            said = server.next.pop(0) if server.next else 204
            status, headers = said if isinstance(said, tuple) else (said, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the log is `taken`."""

    return Handler
