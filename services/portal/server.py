"""Serves the application with uvicorn in a thread of its own, as a service among the others."""

import math
import resource
import socket
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Final

import uvicorn
from fastapi import FastAPI

from services.portal.patience import Limits
from services.portal.protocol import patient
from shared.errors import ConfigError
from shared.memory import give_back
from shared.runtime import Loop, LoopHealth, LoopService

LIMITS: Final = Limits()
QUIET: Final = 5.0  # seconds without an answer, after which there is time to tidy up
MANY: Final = 20  # answers; probes alone are no reason
BACKLOG: Final = 128  # connections that may wait to be taken, and that are taken at once
GRACE: Final = 5  # seconds that open answers get at a stop


class Portal:
    """The portal as a service: a loop whose step lasts as long as the server does, and one that tidies up.

    `rest` lets go of what is only kept for the next reader.
    """

    def __init__(
        self,
        app: FastAPI,
        host: str,
        port: int,
        limits: Limits = LIMITS,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._app, self._host, self._port, self._limits, self._rest = app, host, port, limits, rest
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._stopping = Event()
        self._given = self._given_at_rest = 0  # answers
        loops = [Loop("portal", self._serve, patience=None), Loop("portal.rest", self._look, QUIET)]
        self._service = LoopService("portal", loops)

    @property
    def name(self) -> str:
        return self._service.name

    @property
    def loops(self) -> Sequence[Loop]:
        return self._service.loops

    @property
    def app(self) -> FastAPI:
        return self._app

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; once started the real port, where 0 asked the system for a free one."""
        return self._host, self._port

    def start(self) -> None:
        """Take the port, then serve. Raises ConfigError where the port cannot be had."""
        self._socket = listen(self._host, self._port)
        self._port = self._socket.getsockname()[1]
        self._service.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True
        self._service.stop(timeout)

    def health(self) -> Mapping[str, LoopHealth]:
        return self._service.health()

    def _serve(self) -> bool:
        """One life of the server. A server that fell is replaced by the next turn of the loop."""
        taken = self._socket or listen(self._host, self._port)
        self._socket = None
        self._server = uvicorn.Server(_config(self._app, self._limits))
        with taken:
            if not self._stopping.is_set():  # asked after the server can be told to stop
                self._server.run([taken])
        return False

    def _look(self) -> bool:
        """After many answers and then none for a while, give back the memory that they took."""
        if self._server is None:
            return False
        state = self._server.server_state
        given, quiet = state.total_requests, state.total_requests == self._given and not state.tasks
        if quiet and given - self._given_at_rest >= MANY:
            self._given_at_rest = given
            self._rest()
            give_back()
        elif given < self._given:  # another server took over
            self._given_at_rest = 0
        self._given = given
        return False


def _config(app: FastAPI, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=patient(limits.within(resource.getrlimit(resource.RLIMIT_NOFILE)[0])),
        timeout_keep_alive=math.ceil(limits.idle),
        backlog=BACKLOG,
        log_config=None,  # ours is set already
        log_level="warning",
        access_log=False,  # paths hold tokens
        server_header=False,
        proxy_headers=False,  # VIGIE_TRUSTED_PROXIES, in `edge`; uvicorn would read the environment
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or ConfigError with what to do."""
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((str(place[0]), int(place[1])), family=family, backlog=512)
    except OSError as error:
        raise ConfigError(
            f"VIGIE_HTTP: the portal cannot listen on {host}:{port}: {error.strerror}. "
            "Is Vigie running already? Another port: VIGIE_HTTP=127.0.0.1:8081."
        ) from error
