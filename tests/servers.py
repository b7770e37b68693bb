"""A real web server on the loopback, told by the test what to answer."""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Request:
    """What a client asked, the status that it got, and when: seconds of the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    status: int
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Route:
    """What the server answers on a path. A `stream` is sent as it comes, without a length."""

    body: bytes = b""
    content_type: str = "application/rss+xml; charset=utf-8"
    etag: bool | str = True
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    stream: Callable[[], Iterable[bytes]] | None = None
    cookie: str = ""  # without it, a redirect to the same place that sets it

    def tag(self) -> str:
        """The tag of the body, or the one that a test gave: a server that lies keeps it whatever the body."""
        if isinstance(self.etag, str):
            return self.etag
        return f'"{hashlib.sha1(self.body, usedforsecurity=False).hexdigest()[:16]}"'


class FeedServer:
    """`with FeedServer() as site: site.serve("/feed.xml", body)`.

    A path that nothing is served on answers as `*` does, else 404. `{path}` in a header stands for
    the path that was asked for.
    """

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self.requests: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self._routes, self.requests))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        content_type: str = "application/rss+xml; charset=utf-8",
        etag: bool | str = True,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        stream: Callable[[], Iterable[bytes]] | None = None,
    ) -> str:
        """Answer `path` so from now on, `delay` seconds late. With `etag`, who knows the body gets a 304.

        Returns the address of the path.
        """
        data = body.encode() if isinstance(body, str) else body
        self._routes[path] = Route(data, content_type, etag, status, headers or {}, delay, stream)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.serve(path, status=status, headers={"Location": to}, etag=False)

    def serve_after_cookie(self, path: str, body: bytes) -> str:
        """Answer `path` only to who brings the cookie that the first answer sets."""
        self._routes[path] = Route(body, cookie="seen=1")
        return self.url(path)

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def asked(self, path: str) -> list[Request]:
        """The requests for `path`, oldest first."""
        return [request for request in tuple(self.requests) if request.path == path]

    def answers(self, path: str) -> list[int]:
        """The statuses that `path` answered, oldest first."""
        return [request.status for request in self.asked(path)]

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
    block_on_close = False  # a thread that feeds a slow stream must not hold up the end of a test
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, as ours does on a slow server, is no news."""


def _handler(routes: Mapping[str, Route], requests: list[Request]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            route = routes.get(self.path) or routes.get(self.path.partition("?")[0]) or routes.get("*")
            if route and route.cookie and route.cookie not in self.headers.get("Cookie", ""):
                route = Route(status=302, etag=False, headers={"Location": "{path}", "Set-Cookie": route.cookie})
            if route is None:
                route = Route(b"nothing here", "text/plain", etag=False, status=404)
            known = route.etag and self.headers.get("If-None-Match") == route.tag()
            requests.append(Request(self.path, dict(self.headers), 304 if known else route.status))
            if route.delay:
                time.sleep(route.delay)
            self._answer(route, known)

        def _answer(self, route: Route, known: bool) -> None:
            self.send_response(304 if known else route.status)
            for name, value in route.headers.items():
                self.send_header(name, value.replace("{path}", self.path))
            if route.etag:
                self.send_header("ETag", route.tag())
            if known:
                self.end_headers()
            elif route.stream is not None:
                self._stream(route)
            else:
                self.send_header("Content-Type", route.content_type)
                self.send_header("Content-Length", str(len(route.body)))
                self.end_headers()
                self.wfile.write(route.body)

        def _stream(self, route: Route) -> None:
            assert route.stream is not None
            self.close_connection = True
            self.send_header("Content-Type", route.content_type)
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in route.stream():
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the log is `requests`."""

    return Handler
