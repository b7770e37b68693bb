"""A real reverse proxy on the loopback, with the portal below a path: stripped before it asks, or passed on."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class ReverseProxy:
    """`with ReverseProxy("/vigie", strips=True) as proxy: proxy.target = service.address`.

    What is not below the path is not the portal's: it answers 410, and the path stands in `astray`.
    """

    def __init__(self, prefix: str, *, strips: bool) -> None:
        self.prefix, self.strips = prefix, strips
        self.target = ("127.0.0.1", 0)
        self.astray: list[str] = []
        self.statuses: dict[str, int] = {}
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return self.origin + self.prefix

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
    block_on_close = False


def _handler(proxy: ReverseProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path != proxy.prefix and not path.startswith(f"{proxy.prefix}/"):
                proxy.astray.append(self.path)
                self._give(410, [], b"not the portal's")
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = self.path.removeprefix(proxy.prefix) if proxy.strips else self.path
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            headers |= {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
            connection = HTTPConnection(*proxy.target, timeout=20)
            connection.request(
                self.command, asked if asked.startswith("/") else f"/{asked}", body or None, headers
            )
            answer = connection.getresponse()
            proxy.statuses[self.path] = answer.status
            self._give(answer.status, answer.getheaders(), answer.read())
            connection.close()

        do_POST = do_GET

        def _give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    return Handler
