"""Pure. What is known of the installation at one moment: `status` reads it, `findings` judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Weight(StrEnum):
    """How much a finding weighs: red is an exit code and an alert, a warning is shown."""

    RED = "red"
    WARNING = "warning"


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
class Notice:
    """A durable word of a stage, as `shared.telemetry.notices` keeps it.

    `key` names its kind (`relay.refuses`), or a kind and what it is about (`bus.damaged:bus.db`).
    """

    key: str
    weight: Weight
    reason: str
    remedy: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole installation. `sources` and `deliveries` count by state.

    `trouble` is what is wrong with store or bus although both answer.
    """

    now: datetime
    stages: Mapping[str, StageStatus] = field(default_factory=dict)
    items: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)
    trouble: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
