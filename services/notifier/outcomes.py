"""Pure. What became of an attempt to hand a mail over, and what the ledger does about it.

A relay that does not answer is no outcome of a mail: it raises MailUnavailable, and nothing changes. What the
relay says of all mails is the queue's (`queue.py`): it costs the mail at hand nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from services.notifier.mime import Mail
from services.notifier.refusals import About, Phase
from shared.subscriptions.words import Blame, State

PATIENCE: Final = (1, 5, 15, 60, 120, 240, *(480,) * 9)  # minutes; a little over three days in all
SPREAD: Final = 0.5  # a pause is longer by up to so much of itself, so that what was refused together comes apart
GREYLISTED: Final = 6  # minutes; most greylists wait for five
MOST_UNKNOWN: Final = 5  # times without knowing before a person must look
_ADDRESS: Final = re.compile(r"[^\s<>\"',;:@]+@[^\s<>\"',;:@]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay (or the disk) has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The relay said no, and of what; `reason` begins with its code."""

    about: About
    reason: str
    phase: Phase = Phase.RCPT


@dataclass(frozen=True, slots=True)
class Dropped:
    """There is nothing left to send, or it cannot be written, which is the mail's fault: no relay was asked."""

    reason: str
    blame: Blame = Blame.NOBODY


@dataclass(frozen=True, slots=True)
class Unknown:
    """The mail was handed over to its last byte and no answer came: the relay may have it."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotTried:
    """It was not handed over, and that is not the mail's fault."""

    reason: str


Ended = Sent | Refused | Dropped | Unknown
Outcome = Ended | NotTried


class Sender(Protocol):
    """Hands mails over, one at a time, from one thread."""

    def send(self, mail: Mail) -> Outcome:
        """Raises MailUnavailable when nothing can be sent at all now; the mail was not taken then."""
        ...

    def rest(self) -> None:
        """Nothing more to send for now: let go of what is held."""
        ...

    def halt(self) -> None:
        """From any thread: take nothing more, and come soon to an end with what is under way."""
        ...


@dataclass(frozen=True, slots=True)
class Before:
    """A delivery as it was claimed. `recipient` tells recipients apart, `blame` what it waited for."""

    delivery: str
    recipient: str
    due_at: datetime
    attempts: int
    unknown: int
    blame: Blame = Blame.NOBODY


@dataclass(frozen=True, slots=True)
class Result:
    """The columns of a delivery after an attempt. `due_at` counts while it is pending again."""

    state: State
    due_at: datetime
    attempts: int
    unknown: int
    error: str
    blame: Blame = Blame.NOBODY


def result(outcome: Ended, before: Before, now: datetime) -> Result:
    """What an outcome that is about this delivery alone makes of it."""
    match outcome:
        case Sent():
            return Result(State.SENT, now, before.attempts, before.unknown, "")
        case Dropped(reason=reason, blame=blame):
            state = State.DROPPED if blame is Blame.NOBODY else State.FAILED
            return Result(state, now, before.attempts, before.unknown, reason, blame)
        case Refused(about=about, reason=reason) if about.permanent:
            said = without_addresses(reason)
            return Result(State.FAILED, now, before.attempts + 1, before.unknown, said, about.blame)
        case Refused():
            return _refused_for_now(outcome, before, now)
        case Unknown(reason=reason):
            pause = PATIENCE[min(before.unknown, len(PATIENCE) - 1)]
            return lost_sight(reason, before, now + spread(pause, before))


def waiting(before: Before, until: datetime, reason: str, blame: Blame) -> Result:
    """It waits, and that costs it nothing."""
    said = without_addresses(reason)
    return Result(State.PENDING, until, before.attempts, before.unknown, said, blame)


def lost_sight(reason: str, before: Before, due_at: datetime) -> Result:
    """Nobody knows whether the relay took it: again under the same Message-ID; after five a person decides."""
    held = (before.unknown + 1) % MOST_UNKNOWN == 0  # the count goes on after a release
    state = State.HELD if held else State.PENDING
    said = without_addresses(reason)
    return Result(state, due_at, before.attempts, before.unknown + 1, said, Blame.WORLD)


def spread(minutes: float, before: Before) -> timedelta:
    """A pause of at least so many minutes, drawn by the delivery's id and its count: the same whoever draws it."""
    drawn = sha256(f"{before.delivery}/{before.attempts}/{before.unknown}".encode()).digest()
    return timedelta(minutes=minutes * (1 + SPREAD * int.from_bytes(drawn[:4]) / 2**32))


def without_addresses(reason: str) -> str:
    """What a relay said, fit for a log: relays like to repeat the recipient."""
    return _ADDRESS.sub("<address>", " ".join(reason.split()))[:300]


def _refused_for_now(refused: Refused, before: Before, now: datetime) -> Result:
    attempts, blame = before.attempts + 1, refused.about.blame
    said = without_addresses(refused.reason)
    if attempts > len(PATIENCE):
        return Result(State.FAILED, now, attempts, before.unknown, f"refused for three days: {said}", blame)
    least = GREYLISTED if refused.about is About.GREYLISTED else 0
    pause = spread(max(PATIENCE[attempts - 1], least), before)
    return Result(State.PENDING, now + pause, attempts, before.unknown, said, blame)
