"""A relay on loopback that says what a script tells it to: a plain socket server, so nothing is too odd for it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

HANG_UP: Final = ""  # an answer: none, and the connection ends
Script = Callable[[str, str], str | None]  # (command, rest of its line) -> answer; None for the usual one
_USUAL: Final = {"": "220 ready", "DATA": "354 go on", "QUIT": "221 bye"}
_OPENING, _END = "", "."


class ScriptedRelay:
    """`script` is asked at a connection (""), at each command, and after the final dot (".").

    `taken` holds (recipient, content) of what it answered with 250 after the dot, `heard` every line,
    `asked` what the script was asked.
    """

    def __init__(self, script: Script = lambda _command, _rest: None) -> None:
        self.script = script
        self.taken: list[tuple[str, bytes]] = []
        self.heard: list[str] = []
        self.asked: list[str] = []
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for each in (self._server, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as lines:
            recipient = ""
            if not self._say(connection, _OPENING):
                return
            for line in lines:
                command, _, rest = line.decode().strip().partition(" ")
                self.heard.append(line.decode().strip())
                said = self._say(connection, command.upper(), rest)
                if not said or said.startswith("221"):
                    return
                if command.upper() == "RCPT":
                    recipient = rest.partition("<")[2].rstrip(">")
                if said.startswith("354"):
                    content = b"".join(iter(lines.readline, b".\r\n"))
                    said = self._say(connection, _END, recipient)
                    if said.startswith("250"):
                        self.taken.append((recipient, content))
                    if not said:
                        return

    def _say(self, connection: socket.socket, command: str, rest: str = "") -> str:
        self.asked.append(command)
        asked = self.script(command, rest)
        said = _USUAL.get(command, "250 OK") if asked is None else asked
        if said:
            connection.sendall(f"{said}\r\n".encode())
        return said
