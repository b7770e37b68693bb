"""An address that moves: a TCP forwarder on the loopback whose target changes, and that can fall silent."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

PIECE = 65_536


class Forwarder:
    """`with Forwarder(port) as address:` what connects to `address.port` reaches `port`, until told otherwise."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._silent = False
        self._changed = threading.Condition()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def move(self, target: int) -> None:
        """New connections reach another port from now on; the old ones stay as they are."""
        self._target = target

    def fall_silent(self) -> None:
        """Take connections and bytes, and pass none of them on: as a machine that hangs."""
        self._silent = True

    def speak(self) -> None:
        """New connections are served again; what was silent stays so."""
        self._silent = False

    def drop(self) -> None:
        """End every connection."""
        for end in self._open:
            _close(end)
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        _close(self._listener)
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            if self._silent:
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _close(client)
                continue
            server.settimeout(None)
            self._open.append(server)
            muted = threading.Event()
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, sink, muted), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, muted: threading.Event) -> None:
        """What was said while it was silent is lost, and so is what follows: until somebody hangs up."""
        try:
            while piece := source.recv(PIECE):
                if self._silent:
                    muted.set()
                if not muted.is_set():
                    sink.sendall(piece)
        except OSError:
            pass
        _close(sink)
        _close(source)


def _close(end: socket.socket) -> None:
    shut: Callable[[], None] = lambda: end.shutdown(socket.SHUT_RDWR)  # noqa: E731 - wakes who reads it
    for step in (shut, end.close):
        try:
            step()
        except OSError:
            continue
