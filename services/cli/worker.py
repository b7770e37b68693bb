"""Composes the worker of `vigie run`: locks, migration, bus, services, heartbeat."""

import importlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from shared.bus import TOPICS, Bus
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock, SystemClock
from shared.config import Settings
from shared.errors import ConfigError, Unavailable, VigieError
from shared.runtime import Loop, LoopService, Service
from shared.store import Store
from shared.supervise import REFUSED, UNAVAILABLE
from shared.telemetry import health
from shared.wiring import open_bus, ready_store
from shared.worker import Worker, answers, check_port, hold_names

log = logging.getLogger(__name__)

BEAT_EVERY: Final = 5.0  # seconds
TRIM_EVERY: Final = 3600.0
KEEP: Final = timedelta(days=30)  # of the embedded log; the archive keeps the items themselves


def work(settings: Settings, names: Sequence[str], parent: int | None) -> int:
    """Run the services until told to stop. Returns the exit code for the parent, or without one for the user."""
    worker = Worker(parent)
    try:
        _serve(worker, settings, names)
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)  # a thread of a library that does not end must not hold up the stop
    except Unavailable as error:
        return _said(error, UNAVAILABLE)
    except ModuleNotFoundError as error:  # trying again would not install it
        missing = ConfigError(f"the package {error.name} is missing; install Vigie again, as with `make run`")
        return _said(missing, 2 if parent is None else REFUSED + 2)
    except VigieError as error:
        code = 2 if isinstance(error, ConfigError) else 1
        return _said(error, code if parent is None else REFUSED + code)


def _said(error: VigieError, code: int) -> int:
    print(f"vigie run: {error}", file=sys.stderr)
    return code


def _serve(worker: Worker, settings: Settings, names: Sequence[str]) -> None:
    clock = SystemClock()
    hold_names(settings.data_dir / "locks", [f"{settings.instance_name}.{name}" for name in names])
    if "portal" in names:
        check_port(*settings.http_host_port)
    store, bus = _ready(settings, clock)
    instance = settings.instance_name
    running: list[Service] = []

    def services() -> Iterator[Service]:
        for name in sorted(names, key=lambda name: name != "portal"):  # people first: the others take a second
            module = importlib.import_module(f"services.{name}.app")
            running.append(module.build(settings, store, bus, clock))
            yield running[-1]
        yield LoopService("runtime", _own_loops(instance, running, store, bus, clock))

    Thread(target=_announce, args=(settings, names, worker.stopping), daemon=True).start()
    worker.serve(services())
    _leave(store, instance, names)
    bus.close()
    store.close()


def _ready(settings: Settings, clock: Clock) -> tuple[Store, Bus]:
    """Store and bus, up to date. A database server is migrated by its operator, an embedded one by itself."""
    store = ready_store(settings)
    bus = open_bus(settings, clock)
    bus.ensure_topics(TOPICS)
    return store, bus


def _own_loops(instance: str, services: Sequence[Service], store: Store, bus: Bus, clock: Clock) -> Sequence[Loop]:
    def beat() -> bool:
        with store.writing() as session:
            health.beat(session, instance, {s.name: _error_of(s) for s in services}, store.now(session))
        return False

    def trim() -> bool:
        if isinstance(bus, SqliteBus) and (gone := bus.trim(clock.now(), KEEP)):  # a broker keeps its own house
            log.info("bus trimmed", extra={"records": gone})
        return False

    return Loop("heartbeat", beat, BEAT_EVERY), Loop("housekeeping", trim, TRIM_EVERY, patience=None)


def _error_of(service: Service) -> str | None:
    errors = [f"{name}: {loop.error}" for name, loop in service.health().items() if loop.error]
    return "; ".join(errors) or None


def _leave(store: Store, instance: str, names: Sequence[str]) -> None:
    try:
        with store.writing() as session:
            health.leave(session, instance, names)
    except Unavailable as error:
        log.warning("heartbeats left behind", extra={"reason": str(error)})


def _announce(settings: Settings, names: Sequence[str], stopping: Event) -> None:
    """Say on standard output that the product is up: the portal's address once it answers."""
    if "portal" not in names:
        print(f"Vigie runs: {', '.join(names)}", flush=True)
        return
    while not stopping.wait(0.05):
        if answers(*settings.http_host_port):
            print(f"Vigie runs: {settings.portal_url}", flush=True)
            return
