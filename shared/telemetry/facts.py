"""Pure. What is known of the installation at one moment: `status` reads it, `findings` judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.telemetry.told import Told


class Weight(StrEnum):
    """How much a finding weighs: red is an exit code and an alert, a warning is shown."""

    RED = "red"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A stage: whether a process runs it, how many records wait on both lanes, how many dead letters are open.

    `waits` is for how many seconds the oldest of them has waited; `stands` is for how many seconds nothing got on
    although something waits, 0 when it does or nothing waits. `error` says what is red, None when nothing is.
    """

    alive: bool
    backlog: int
    dead: int
    waits: float | None
    error: str | None
    stands: float = 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A source that is on. `errors` counts the failed polls in a row, `held` what the flood guard keeps back.
    `refused` counts the mails of its senders that were not taken of late, `refusal` says why the last one was not.

    `undated`: its dates are those of a clock, and count as none.
    `assumed` marks an address that nobody has seen answer yet; `succeeded` says whether any document was read.
    """

    id: str
    state: str
    errors: int = 0
    error: str = ""
    asked: bool = True
    succeeded: bool = True
    assumed: bool = False
    held: int = 0
    refused: int = 0
    refusal: str = ""
    undated: bool = False


@dataclass(frozen=True, slots=True)
class Overdue:
    """Mails of a kind that are due for longer than they may be: how many, and since when the first."""

    kind: str
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Deferred:
    """Mailboxes that refuse for now, and will be asked again: of how many people, since when the first mail waits,
    and what the relay said last.
    """

    people: int
    since: datetime
    said: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Mails that failed and that nobody released or discarded: to how many people, what the relay said last, and
    when the first of them was made.

    `mailbox` tells whether each is about one mailbox; else it is about the mail, or about us.
    """

    mailbox: bool
    number: int
    people: int
    said: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """Webhooks that were paused of late, since nothing took what they were sent: how many, since when the first,
    and how the last try of the last one ended.
    """

    number: int
    since: datetime
    said: str


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
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole installation. `sources` and `deliveries` count by state.

    `deaths` says which processes ended without a word within the hour, and how often. `trouble` is what is wrong
    with store or bus although both answer. `watched` are the sources that are on. `unsent` are deliveries that are
    late, `unmade` stories found for people whose delivery is late to be made. `future` names what bears a later
    time than now, and which. `room` is what the disk of the embedded database has left, in bytes; None where the
    database is a server's.
    """

    now: datetime
    stages: Mapping[str, StageStatus] = field(default_factory=dict)
    items: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)
    deaths: Mapping[str, int] = field(default_factory=dict)
    trouble: tuple[str, ...] = ()
    watched: tuple[Watched, ...] = ()
    unsent: tuple[Overdue, ...] = ()
    unmade: tuple[Overdue, ...] = ()
    deferred: Deferred | None = None
    last_sent: datetime | None = None
    failed: tuple[Failed, ...] = ()
    paused: Paused | None = None
    future: Mapping[str, datetime] = field(default_factory=dict)
    room: int | None = None
    notices: tuple[Notice, ...] = ()
