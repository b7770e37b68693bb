"""What runs, what waits, what is red: one look at store and bus, for the command line and the operations pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import func, select

from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED, TOPICS, Bus
from shared.bus.dead import open_count
from shared.clock import Clock
from shared.errors import Unavailable
from shared.sources.store import count_states
from shared.store import Store
from shared.subscriptions.deliveries import counts
from shared.telemetry.health import StageHealth, stages

# stage -> the topics that it reads, each as the group of its name (and suffix)
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "collector": (),
    "classifier": (COLLECTED, COLLECTED + BULK),
    "archivist": (CLASSIFIED, CLASSIFIED + BULK),
    "notifier": (ARCHIVED,),
    "portal": (),
}


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A stage: whether a process runs it, how many records wait on both lanes, how many dead letters are open.

    `waits` is for how many seconds the oldest of them has waited; `error` says what is red, None when nothing is.
    """

    alive: bool
    backlog: int
    dead: int
    waits: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """The whole installation. `sources` and `deliveries` count by state."""

    stages: Mapping[str, StageStatus]
    items: int
    sources: Mapping[str, int]
    deliveries: Mapping[str, int]
    trouble: tuple[str, ...] = ()  # what is wrong with store or bus although both answer

    @property
    def ok(self) -> bool:
        """Every stage runs, nothing is red, and nothing waits for a person: no dead letter, no held mail."""
        sound = all(stage.alive and not stage.dead and stage.error is None for stage in self.stages.values())
        return sound and not self.trouble and not self.deliveries.get("held", 0)

    def shown(self) -> dict[str, Any]:
        """The status as the JSON that `vigie status --json` and the API give."""
        return {
            "ok": self.ok,
            "items": self.items,
            "stages": {
                name: {
                    "alive": stage.alive,
                    "backlog": stage.backlog,
                    "dead": stage.dead,
                    "waits": None if stage.waits is None else round(stage.waits, 1),
                    "error": stage.error,
                }
                for name, stage in self.stages.items()
            },
            "sources": dict(self.sources),
            "deliveries": dict(self.deliveries),
            "trouble": list(self.trouble),
        }


def read_status(store: Store, bus: Bus, clock: Clock) -> Status:
    """One look. Raises Unavailable when the store or the bus does not answer."""
    with store.reading() as session:
        health = stages(session, store.now(session))
        items = session.exec(select(func.count()).select_from(ItemRow)).one()
        sources, deliveries = count_states(session), counts(session)
    found = {name: _stage(bus, name, health.get(name), clock.now()) for name in READS}
    trouble = [said for ask in (store.check, lambda: bus.check(TOPICS)) if (said := _trouble(ask))]
    return Status(found, items, sources, deliveries, tuple(trouble))


def _trouble(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except Unavailable as error:
        return str(error)
    return None


def _stage(bus: Bus, name: str, health: StageHealth | None, now: datetime) -> StageStatus:
    read = [(topic, name + BULK if topic.endswith(BULK) else name) for topic in READS[name]]
    waits = [(now - at).total_seconds() for topic, group in read if (at := bus.oldest_waiting(topic, group))]
    return StageStatus(
        alive=health is not None and health.alive,
        backlog=sum(bus.lag(topic, group) for topic, group in read),
        dead=sum(open_count(bus, topic) for topic, _ in read),
        waits=max(waits, default=None),
        error=health.error if health else None,
    )
