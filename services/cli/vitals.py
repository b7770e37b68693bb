"""What a worker does for itself: it says in the store how its stages are, looks after bus and clocks."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.cli import renewing
from services.cli.waiting import Waiting
from shared.bus import TOPICS, Bus
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock
from shared.errors import Unavailable
from shared.runtime import Loop, LoopHealth, LoopService, Service
from shared.store import Store
from shared.store.names import Names
from shared.telemetry import health, progress
from shared.telemetry.clocks import Clocks
from shared.telemetry.deaths import find_death
from shared.telemetry.looking import COLLECTOR, of_bus, of_sources

log = logging.getLogger(__name__)

BEAT_EVERY: Final = 5.0  # seconds
STARTING: Final = 60.0  # seconds in which a stage of a process that lives may come up before it counts as silent
TRIM_EVERY: Final = 3600.0
KEEP: Final = timedelta(days=30)  # of the embedded log; the archive keeps the items themselves


class Vitals:
    """The signs of life of one instance. `running` grows while the services start; the rest of `names` waits."""

    def __init__(
        self,
        instance: str,
        names: Sequence[str],
        store: Store,
        bus: Bus,
        waiting: Waiting,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._instance, self._names = instance, names
        self._monotonic, self._begun = monotonic, monotonic()
        self._store, self._bus, self._waiting = store, bus, waiting
        self._clocks = Clocks(store)
        self.running: list[Service] = []
        self.look = Loop("bus", self._check, BEAT_EVERY, longest=BEAT_EVERY)
        self._own: Sequence[Loop] = ()
        self._said = False  # that we live

    def service(self, log_: Bus, clock: Clock, held: Names) -> Service:
        """The loops, as a service. `log_` is the bus itself: an embedded log is ours to keep."""

        def trim() -> bool:
            if isinstance(log_, SqliteBus) and (gone := log_.trim(clock.now(), KEEP)):  # a broker does it itself
                log.info("bus trimmed", extra={"records": gone})
            return False

        beating = Loop("heartbeat", self.beat, BEAT_EVERY, longest=BEAT_EVERY)
        naming = Loop("names", held.keep, BEAT_EVERY, longest=BEAT_EVERY)
        housekeeping = Loop("housekeeping", trim, TRIM_EVERY, patience=None)
        getting_on = Loop("progress", self.note_progress, progress.LOOK_EVERY, longest=progress.LOOK_EVERY)
        knowing = Loop("bus identity", self._recognise, renewing.LOOK_EVERY, longest=renewing.LOOK_EVERY)
        self._own = (naming, housekeeping, getting_on, knowing)
        return LoopService("runtime", (beating, self.look, *self._own))

    def leave(self) -> None:
        """Take the signs back: a stop on purpose is no death."""
        try:
            with self._store.writing() as session:
                health.leave(session, self._instance, self._names)
        except Unavailable as error:
            log.warning("heartbeats left behind", extra={"reason": str(error)})

    def errors(self) -> Mapping[str, str | None]:
        """Stage -> what is red about it. A red bus makes every stage red; a stage that waits says for what.

        One that is coming up lives: it has a minute.
        """
        of_all = self.look.health().error or _told({loop.name: loop.health() for loop in self._own})
        found = {service.name: _told(service.health()) or of_all for service in tuple(self.running)}
        waits = {name: self._waiting.trouble for name in self._names if name not in found}
        starting = self._monotonic() - self._begun < STARTING
        return found | {name: trouble for name, trouble in waits.items() if trouble or starting}

    def beat(self) -> bool:
        with self._store.writing() as session:
            self._clocks.look(session)
            now = self._store.now(session)
            died = not self._said and find_death(session, self._instance, now)
            health.beat(session, self._instance, self.errors(), now)
        self._said = True
        if died:
            log.warning("the last process of this name died", extra={"instance": self._instance})
        return False

    def note_progress(self) -> bool:
        """Write down how far the stages of this process are."""
        stages = [service.name for service in tuple(self.running)]
        found = of_bus(self._bus, stages)
        with self._store.writing() as session:
            now = self._store.now(session)
            found += [of_sources(session, now)] if COLLECTOR in stages else []
            progress.note(session, found, now)
        return False

    def _recognise(self) -> bool:
        renewing.look_at_bus(self._store, self._bus)
        return False

    def _check(self) -> bool:
        self._bus.check(TOPICS)
        return False


def _told(loops: Mapping[str, LoopHealth]) -> str | None:
    """What is wrong, once where several loops say it."""
    said: dict[str, str] = {}
    for name, loop in loops.items():
        if loop.error:
            said.setdefault(loop.error, name)
    return "; ".join(f"{name}: {error}" for error, name in said.items()) or None
