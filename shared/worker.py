"""The worker process: starts services, watches that their loops turn, stops them when told or left alone.

A loop that hangs (a client that never returns) cannot be cured from inside; the worker then ends itself, and its
parent or the container engine starts a fresh one.
"""

import faulthandler
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from errno import EADDRINUSE
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Final

from shared.awake import Awake
from shared.errors import ConfigError
from shared.runtime import Service

log = logging.getLogger(__name__)

STOP_WITHIN: Final = 10.0  # seconds for a graceful stop
ORPHAN_WITHIN: Final = 0.6  # seconds that a worker without a parent has to finish its batch
FREED_WITHIN: Final = 5.0  # seconds in which a worker whose parent was killed gives its port back
LOOK_AGAIN: Final = 0.05
TICK: Final = 1.0
HUNG: Final = 70  # exit code of a worker that ended itself


class Worker:
    """This process as the worker of a parent. Make it in the main thread, before anything that takes long."""

    def __init__(self, parent: int | None = None) -> None:
        self.stopping = Event()
        signal.signal(signal.SIGTERM, lambda *_: self.stopping.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN if parent is not None else lambda *_: self.stopping.set())
        if parent is not None:
            Thread(target=self._follow, args=(parent,), name="parent", daemon=True).start()

    def serve(
        self,
        services: Iterable[Service],
        overdue: Callable[[float], str | None] = lambda _: None,
        ending: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the services one by one, as they come, and run them until a stop is asked for.

        Coming may take long: a service may wait for what it needs. `overdue` tells what has not returned in time,
        for a process that has been awake for so many seconds. `ending` is called when a stop was asked for.
        """
        running: list[Service] = []
        failed: list[Exception] = []
        starting = Thread(target=self._start, args=(services, running, failed), name="start", daemon=True)
        starting.start()
        awake = Awake()
        while not self.stopping.wait(TICK):
            _end_if_hanging(tuple(running), overdue, awake.tick())
        ending()
        if failed:
            raise failed[0]
        log.info("stopping", extra={"services": [service.name for service in running]})
        starting.join(TICK)
        _stop(running)

    def _start(self, services: Iterable[Service], running: list[Service], failed: list[Exception]) -> None:
        try:
            for service in services:
                if self.stopping.is_set():
                    return
                service.start()
                running.append(service)
        except Exception as error:  # noqa: BLE001 it is raised where the worker was asked to serve
            failed.append(error)
            self.stopping.set()

    def _follow(self, parent: int) -> None:
        """Block until the parent's end of the pipe closes; then end, by force if need be."""
        try:
            os.read(parent, 1)
        except OSError as error:
            log.error("the pipe to the parent broke", extra={"reason": str(error)})
        self.stopping.set()
        time.sleep(ORPHAN_WITHIN)
        os._exit(HUNG)


def check_port(host: str, port: int, patience: float = 0.0) -> None:
    """Raises ConfigError when nobody can listen there, be it `patience` seconds later."""
    family, end = socket.AF_INET6 if ":" in host else socket.AF_INET, time.monotonic() + patience
    while (error := _taken(family, host, port)) and error.errno == EADDRINUSE and time.monotonic() < end:
        time.sleep(LOOK_AGAIN)
    if error:
        raise ConfigError(
            f"the portal cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop the other program, or set VIGIE_HTTP to another address."
        ) from error


def _taken(family: socket.AddressFamily, host: str, port: int) -> OSError | None:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def answers(host: str, port: int, path: str = "/healthz") -> bool:
    """Whether a portal says there that its process is up; with `/readyz`, that it can serve."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = HTTPConnection(here, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(services: Sequence[Service]) -> None:
    """All at once: the time-out is for the whole process."""
    threads = [Thread(target=service.stop, args=(STOP_WITHIN,), daemon=True) for service in services]
    deadline = time.monotonic() + STOP_WITHIN
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _end_if_hanging(services: Sequence[Service], overdue: Callable[[float], str | None], awake: float) -> None:
    for service in services:
        for name, health in service.health().items():
            if health.hangs(awake) or not health.alive:
                _end(f"loop {name} hangs or died after {health.since_turn:.0f} s")
    if call := overdue(awake):
        _end(call)


def _end(why: str) -> None:
    log.critical("the worker ends itself", extra={"reason": why})
    faulthandler.dump_traceback()
    os._exit(HUNG)
