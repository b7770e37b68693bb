"""Pure. What became of an attempt to hand a mail over, and what the ledger does about it.

A relay that does not answer is no outcome of a mail: it raises MailUnavailable, and nothing changes.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from services.notifier.mime import Mail
from shared.subscriptions.words import State

PATIENCE: Final = (1, 5, 15, 60, 120, 240, *(480,) * 9)  # minutes; a little over three days in all
MOST_UNKNOWN: Final = 5  # times without knowing before a person must look
_ADDRESS: Final = re.compile(r"[^\s<>\"',;:@]+@[^\s<>\"',;:@]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay (or the disk) has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The relay said no: for now, or for good."""

    permanent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The mail was handed over to its last byte and no answer came: the relay may have it."""

    reason: str


Outcome = Sent | Refused | Unknown


class Sender(Protocol):
    """Hands mails over, one at a time, from one thread."""

    def send(self, mail: Mail) -> Outcome:
        """Raises MailUnavailable when nothing can be sent at all now; the mail was not taken then."""
        ...

    def rest(self) -> None:
        """Nothing more to send for now: let go of what is held."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """The columns of a delivery after an attempt. `due_at` counts while it is pending again."""

    state: State
    due_at: datetime
    attempts: int
    unknown: int
    error: str


def result(outcome: Outcome, now: datetime, *, attempts: int, unknown: int) -> Result:
    """What an outcome makes of a delivery that had so many attempts and unknowns before."""
    match outcome:
        case Sent():
            return Result(State.SENT, now, attempts, unknown, "")
        case Refused(permanent=True, reason=reason):
            return Result(State.FAILED, now, attempts + 1, unknown, without_addresses(reason))
        case Refused(reason=reason):
            return _refused_for_now(reason, now, attempts + 1, unknown)
        case Unknown(reason=reason):
            pause = timedelta(minutes=PATIENCE[min(unknown, len(PATIENCE) - 1)])
            return lost_sight(reason, now + pause, attempts=attempts, unknown=unknown)


def lost_sight(reason: str, due_at: datetime, *, attempts: int, unknown: int) -> Result:
    """Nobody knows whether the relay took it: again under the same Message-ID; after five a person decides."""
    held = (unknown + 1) % MOST_UNKNOWN == 0  # the count goes on after a release
    return Result(State.HELD if held else State.PENDING, due_at, attempts, unknown + 1, without_addresses(reason))


def without_addresses(reason: str) -> str:
    """What a relay said, fit for a log: relays like to repeat the recipient."""
    return _ADDRESS.sub("<address>", " ".join(reason.split()))[:300]


def _refused_for_now(reason: str, now: datetime, attempts: int, unknown: int) -> Result:
    if attempts > len(PATIENCE):
        return Result(State.FAILED, now, attempts, unknown, f"refused for three days: {without_addresses(reason)}")
    pause = timedelta(minutes=PATIENCE[attempts - 1])
    return Result(State.PENDING, now + pause, attempts, unknown, without_addresses(reason))
