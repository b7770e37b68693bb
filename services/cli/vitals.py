"""What a worker does for itself: it says in the store how its stages are, looks after the bus, trims the log."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.cli.waiting import Waiting
from shared.bus import TOPICS, Bus
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock
from shared.errors import Unavailable
from shared.runtime import Loop, LoopService, Service
from shared.store import Store
from shared.store.names import Names
from shared.telemetry import health

log = logging.getLogger(__name__)

BEAT_EVERY: Final = 5.0  # seconds
TRIM_EVERY: Final = 3600.0
KEEP: Final = timedelta(days=30)  # of the embedded log; the archive keeps the items themselves


class Vitals:
    """The signs of life of one instance. `running` grows while the services start; the rest of `names` waits."""

    def __init__(self, instance: str, names: Sequence[str], store: Store, bus: Bus, waiting: Waiting) -> None:
        self._instance, self._names = instance, names
        self._store, self._bus, self._waiting = store, bus, waiting
        self.running: list[Service] = []
        self.look = Loop("bus", self._check, BEAT_EVERY, longest=BEAT_EVERY)

    def service(self, log_: Bus, clock: Clock, held: Names) -> Service:
        """The loops, as a service. `log_` is the bus itself: an embedded log is ours to keep."""

        def trim() -> bool:
            if isinstance(log_, SqliteBus) and (gone := log_.trim(clock.now(), KEEP)):  # a broker does it itself
                log.info("bus trimmed", extra={"records": gone})
            return False

        beating = Loop("heartbeat", self._beat, BEAT_EVERY, longest=BEAT_EVERY)
        naming = Loop("names", held.keep, BEAT_EVERY, longest=BEAT_EVERY)
        housekeeping = Loop("housekeeping", trim, TRIM_EVERY, patience=None)
        return LoopService("runtime", (beating, self.look, naming, housekeeping))

    def leave(self) -> None:
        """Take the signs back: a stop on purpose is no death."""
        try:
            with self._store.writing() as session:
                health.leave(session, self._instance, self._names)
        except Unavailable as error:
            log.warning("heartbeats left behind", extra={"reason": str(error)})

    def errors(self) -> Mapping[str, str | None]:
        """Stage -> what is red about it. A red bus makes every stage red; a stage that waits says for what."""
        of_bus = self.look.health().error
        found = {service.name: _error_of(service) or of_bus for service in tuple(self.running)}
        waits = {name: self._waiting.trouble for name in self._names if name not in found}
        return found | {name: trouble for name, trouble in waits.items() if trouble}

    def _beat(self) -> bool:
        with self._store.writing() as session:
            health.beat(session, self._instance, self.errors(), self._store.now(session))
        return False

    def _check(self) -> bool:
        self._bus.check(TOPICS)
        return False


def _error_of(service: Service) -> str | None:
    errors = [f"{name}: {loop.error}" for name, loop in service.health().items() if loop.error]
    return "; ".join(errors) or None
