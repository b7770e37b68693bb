"""What runs, what waits, what is red: one look at store and bus, for the command line and the operations pages."""

from dataclasses import dataclass
from typing import Any

from shared.bus import Bus
from shared.clock import Clock, rfc3339
from shared.store import Store
from shared.telemetry.facts import Facts
from shared.telemetry.finding import Finding
from shared.telemetry.findings import findings, red
from shared.telemetry.reading import read_facts


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
    facts = read_facts(store, bus, clock)
    return Status(facts, findings(facts))


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
