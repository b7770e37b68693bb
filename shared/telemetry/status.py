"""What runs, what waits, what is red: one look at store and bus, for the command line and the operations pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import func, select

from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED, TOPICS, Bus
from shared.bus.dead import open_count
from shared.clock import Clock, rfc3339
from shared.errors import Unavailable
from shared.sources.store import count_states
from shared.store import Store
from shared.subscriptions.deliveries import counts
from shared.telemetry.facts import Facts, StageStatus
from shared.telemetry.findings import Finding, findings, red
from shared.telemetry.health import StageHealth, stages
from shared.telemetry.notices import notices

# stage -> the topics that it reads, each as the group of its name (and suffix)
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "collector": (),
    "classifier": (COLLECTED, COLLECTED + BULK),
    "archivist": (CLASSIFIED, CLASSIFIED + BULK),
    "notifier": (ARCHIVED,),
    "portal": (),
}


@dataclass(frozen=True, slots=True)
class Status:
    """One look: the facts, and what of them needs a look by a person."""

    facts: Facts
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """No finding is red."""
        return not red(self.findings)

    def shown(self) -> dict[str, Any]:
        """The status as the JSON that `vigie status --json` and the API give."""
        return {
            "ok": self.ok,
            "items": self.facts.items,
            "stages": {
                name: {
                    "alive": stage.alive,
                    "backlog": stage.backlog,
                    "dead": stage.dead,
                    "waits": None if stage.waits is None else round(stage.waits, 1),
                    "error": stage.error,
                }
                for name, stage in self.facts.stages.items()
            },
            "sources": dict(self.facts.sources),
            "deliveries": dict(self.facts.deliveries),
            "trouble": list(self.facts.trouble),
            "findings": [_shown(finding) for finding in self.findings],
        }


def read_status(store: Store, bus: Bus, clock: Clock) -> Status:
    """One look. Raises Unavailable when the store or the bus does not answer."""
    facts = _read(store, bus, clock)
    return Status(facts, findings(facts))


def _read(store: Store, bus: Bus, clock: Clock) -> Facts:
    with store.reading() as session:
        now = store.now(session)
        health = stages(session, now)
        items = session.exec(select(func.count()).select_from(ItemRow)).one()
        sources, deliveries, said = count_states(session), counts(session), notices(session)
    checked = (_trouble(ask) for ask in (store.check, lambda: bus.check(TOPICS)))
    return Facts(
        now=now,
        stages={name: _stage(bus, name, health.get(name), clock.now()) for name in READS},
        items=items,
        sources=sources,
        deliveries=deliveries,
        trouble=tuple(trouble for trouble in checked if trouble),
        notices=said,
    )


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


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "weight": finding.weight.value,
        "subject": finding.subject,
        "reason": finding.reason,
        "remedy": finding.remedy,
        "since": rfc3339(finding.since),
        "notice": finding.notice or None,
    }
