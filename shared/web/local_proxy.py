"""A proxy on the loopback, for a program that speaks HTTP itself: its requests pass the guard that ours pass.

Every connection goes to a public address, or one that the operator allows, checked where it is made; with a
deadline for all of it and limits for connections and bytes. It lives for one visit.
"""

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLSocket
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpcore

from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.web.connect import Deadline, GuardedBackend
from shared.web.outgoing import Gate, outgoing
from shared.web.pace import HostPace
from shared.web.tunnel import login, to_proxy, tunnel

MOST_CONNECTIONS: Final = 200
MOST_BYTES: Final = 30_000_000  # that come in
SPACING: Final = 0.05  # seconds between two connections to one host: a page and its scripts are one visit
_STEP: Final = 65_536
_HOPS: Final = frozenset(("proxy-connection", "connection", "keep-alive", "proxy-authorization", "te", "upgrade"))


class LocalProxy(ThreadingHTTPServer):
    """Relays to where requests may go. `refused` are the reasons for what was not relayed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, settings: Settings, seconds: float) -> None:
        self.out, pace = outgoing(settings), HostPace(SPACING)
        self.deadline = Deadline(seconds)
        self.backend = GuardedBackend(self.out.allowed, pace, self.deadline)
        self._gate = Gate(self.out, pace, self.deadline)
        self.refused: list[str] = []
        self._connections, self._bytes, self._lock = 0, 0, threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def connected(self, host: str, port: int, *, whole: bool) -> tuple[socket.socket, bool]:
        """A connection to the host, and whether a proxy of the operator's reads on it what is asked for: with
        `whole`, bytes go through to the host. Raises FetchFailed where it cannot be reached, or enough were made.
        """
        with self._lock:
            self._connections += 1
            if self._connections > MOST_CONNECTIONS:
                raise _refused(f"more than {MOST_CONNECTIONS} connections")
        if self._gate.through_proxy(host, port):
            if whole:
                return tunnel(self.out, host, port, self.deadline), False
            return to_proxy(self.out, self.deadline), True
        stream = self.backend.connect_tcp(host, port)
        connection: socket.socket = stream.get_extra_info("socket")
        return connection, False

    def count(self, received: int) -> None:
        """Raises FetchFailed for more than a visit may bring."""
        with self._lock:
            self._bytes += received
            if self._bytes > MOST_BYTES:
                raise _refused(f"more than {MOST_BYTES / 1e6:.0f} MB")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no news."""


@contextmanager
def local_proxy(settings: Settings, seconds: float) -> Iterator[LocalProxy]:
    """A proxy that works until the block ends, or `seconds` are over."""
    proxy = LocalProxy(settings, seconds)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: LocalProxy
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        found = self._upstream(host.strip("[]"), int(port) if port.isdecimal() else 443, whole=True)
        if found is not None:
            with found[0] as upstream:
                self.send_response(200, "Connection established")
                self.end_headers()
                self._relay(upstream)

    def do_GET(self) -> None:
        """Any method on an absolute address: one request, one answer, and the connection ends."""
        self.close_connection = True
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "0")
        if parts.scheme != "http" or not parts.hostname or not length.isdecimal() or int(length) > _STEP * 16:
            self.send_error(400)
            return
        found = self._upstream(parts.hostname, parts.port or 80, whole=False)
        if found is not None:
            upstream, proxied = found
            target = urlunsplit((*(parts[:2] if proxied else ("", "")), parts.path or "/", parts.query, ""))
            with upstream:
                upstream.sendall(self._request(target, login(self.server.out) if proxied else ()))
                upstream.sendall(self.rfile.read(int(length)))
                self._relay(upstream)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses may hold secrets."""

    def _request(self, target: str, more: Sequence[str]) -> bytes:
        kept = [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in _HOPS]
        lines = (f"{self.command} {target} HTTP/1.1", *kept, *more, "Connection: close", "", "")
        return "\r\n".join(lines).encode("latin-1")

    def _upstream(self, host: str, port: int, *, whole: bool) -> tuple[socket.socket, bool] | None:
        try:
            return self.server.connected(host, port, whole=whole)
        except (FetchFailed, httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            self.server.refused.append(str(error))
            self.close_connection = True
            self.send_error(403, "Not relayed")
            return None

    def _relay(self, upstream: socket.socket) -> None:
        """Both ways, until one side ends, the time is up or enough came in."""
        self.close_connection = True
        ours = self.connection
        try:
            while True:
                ready = _ready(ours, upstream, self.server.deadline.left())
                for side in ready:
                    data = side.recv(_STEP)
                    if not data:
                        return
                    if side is upstream:
                        self.server.count(len(data))
                    (ours if side is upstream else upstream).sendall(data)
        except (FetchFailed, OSError) as error:
            self.server.refused.append(str(error))


def _ready(ours: socket.socket, upstream: socket.socket, seconds: float) -> Sequence[socket.socket]:
    """Which of the two has something to read; what TLS has read already, no system knows of."""
    if isinstance(upstream, SSLSocket) and upstream.pending():
        return (upstream,)
    return select.select((ours, upstream), (), (), seconds)[0]


def _refused(what: str) -> FetchFailed:
    return FetchFailed(f"the visit asked for {what}", Trouble.TOO_LARGE)
