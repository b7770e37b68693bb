"""A real forward proxy on the loopback: absolute-form for http, CONNECT for https, a password if it is told so.

It knows names that no other resolver knows, as the proxy of a closed network does.
"""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class ForwardProxy:
    """`with ForwardProxy({"leuchtturm.example": port}) as proxy`. What was asked stands in `requests`."""

    def __init__(self, known: Mapping[str, int], login: str = "") -> None:
        self.known = dict(known)
        self.wants = f"Basic {b64encode(login.encode()).decode()}" if login else ""
        self.requests: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def url(self, login: str = "") -> str:
        return f"http://{login + '@' if login else ''}127.0.0.1:{self._server.server_address[1]}"

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

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is no news."""


def _handler(proxy: ForwardProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self._may():
                return
            parts = urlsplit(self.path)
            if not parts.scheme or (port := proxy.known.get(parts.hostname or "")) is None:
                self.send_error(502)
                return
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
            connection.request("GET", f"{parts.path}{'?' + parts.query if parts.query else ''}", headers=kept)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def do_CONNECT(self) -> None:
            if not self._may():
                return
            port = proxy.known.get(self.path.rpartition(":")[0])
            if port is None:
                self.send_error(502)
                return
            with socket.create_connection(("127.0.0.1", port), timeout=10) as far:
                self.send_response(200)
                self.end_headers()
                _carry(self.connection, far)
            self.close_connection = True

        def _may(self) -> bool:
            proxy.requests.append(f"{self.command} {self.path}")
            if proxy.wants and self.headers.get("Proxy-Authorization") != proxy.wants:
                self.send_error(407)
                return False
            return True

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the log is `requests`."""

    return Handler


def _carry(near: socket.socket, far: socket.socket) -> None:
    """Bytes both ways until one side ends."""
    while True:
        for end, other in ((near, far), (far, near)):
            decrypted = isinstance(end, ssl.SSLSocket) and end.pending()
            if decrypted or end in select([near, far], [], [], 10)[0]:
                piece = end.recv(65536)
                if not piece:
                    return
                other.sendall(piece)
