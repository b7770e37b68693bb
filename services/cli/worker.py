"""Composes the worker of `vigie run`: locks, store, bus, services, signs of life. What is missing is awaited."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Final

from services.cli.renewing import look_at_bus
from services.cli.vitals import Vitals
from services.cli.waiting import Waiting
from shared.bus import TOPICS, Bus
from shared.bus.watched import WatchedBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import ConfigError, Unavailable, VigieError
from shared.loading import load
from shared.memory import keep_loaded
from shared.name_locks import hold_names, say_ending
from shared.runtime import Service
from shared.store import Store
from shared.store.migrate import upgraded_apart
from shared.store.names import Names
from shared.supervise import REFUSED
from shared.telemetry.clocks import put_right_if_back
from shared.wiring import make_ready, open_bus, open_store
from shared.worker import FREED_WITHIN, Worker, answers, check_port

UNAVAILABLE: Final = 3
FIRST_LOOK, LAST_LOOK = 0.05, 2.0  # seconds between two looks whether the portal is ready, at first and at last


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
    store, own_names = open_store(settings), [f"{settings.instance_name}.{name}" for name in names]
    locks = [lock for folder in _lock_folders(settings, store) for lock in hold_names(folder, own_names)]
    if "portal" in names:
        check_port(*settings.http_host_port, patience=FREED_WITHIN)
    clock, waiting, held = SystemClock(), Waiting(worker.stopping), Names(store, own_names)
    log = waiting.until(lambda: open_bus(settings, clock))
    if log is None:
        return
    bus = WatchedBus(log)
    vitals = Vitals(settings.instance_name, names, store, bus, waiting)
    start = Start(settings, store, bus, vitals, waiting, held)
    Thread(target=_announce, args=(settings, names, worker.stopping), daemon=True).start()
    own = vitals.service(log, clock, held)
    services = start.services(names, own)
    worker.serve(services, lambda awake: bus.overdue(awake) or held.lost, lambda: say_ending(locks))
    vitals.leave()
    bus.close()
    held.close()
    store.close()


def _lock_folders(settings: Settings, store: Store) -> Sequence[Path]:
    """Where names are locked: who shares a data folder or an embedded database must not share a name."""
    places = (settings.data_dir, store.folder or settings.data_dir)
    return tuple(dict.fromkeys(place.resolve() / "locks" for place in places))


class Start:
    """Brings the services up, in an order that lets people and probes see what the rest waits for."""

    def __init__(
        self, settings: Settings, store: Store, bus: Bus, vitals: Vitals, waiting: Waiting, held: Names
    ) -> None:
        self._settings, self._store, self._bus = settings, store, bus
        self._vitals, self._waiting, self._held = vitals, waiting, held

    def services(self, names: Sequence[str], own: Service) -> Iterator[Service]:
        """Each service as soon as it can run; fewer when a stop is asked for meanwhile."""
        ready = self._waiting.tried(self._prepare)
        yield own
        for name in sorted(names, key=lambda name: name != "portal"):  # people first: the others take a second
            if not ready and name != "portal":  # the portal answers meanwhile that it is not ready
                ready = self._waiting.until(self._prepare) is not None
                if not ready:
                    return
            service = self._built(name)
            if service is None:
                return
            self._vitals.running.append(service)
            yield service
        if not ready:
            self._waiting.until(self._prepare)
        keep_loaded()

    def _prepare(self) -> bool:
        """Our names taken, store and bus up to date. A database server is migrated by its operator."""
        self._held.hold()
        if self._store.path:
            with upgraded_apart(self._store) as due:
                if due:  # the next that is needed takes as long
                    load("services.portal.app")
        make_ready(self._store)
        with self._store.writing() as session:  # before anybody goes by what a wrong clock wrote
            put_right_if_back(self._store, session, self._store.now(session))
        self._bus.ensure_topics(TOPICS)
        look_at_bus(self._store, self._bus)
        return True

    def _built(self, name: str) -> Service | None:
        module = load(f"services.{name}.app")

        def build() -> Service:
            service: Service = module.build(self._settings, self._store, self._bus, SystemClock())
            return service

        return self._waiting.until(build)


def _announce(settings: Settings, names: Sequence[str], stopping: Event) -> None:
    """Say on standard output that the product is up: the portal's address once it can serve."""
    if "portal" not in names:
        print(f"Vigie runs: {', '.join(names)}", flush=True)
        return
    pause = FIRST_LOOK
    while not stopping.wait(pause):
        if answers(*settings.http_host_port, path="/readyz"):
            print(f"Vigie runs: {settings.portal_url}", flush=True)
            return
        pause = min(LAST_LOOK, pause * 1.5)
