"""Pure. How long the portal waits for whom: for heads and bodies that trickle in, for answers that nobody reads.

A page that is being made has all the time it needs; its client has not. A connection that keeps still, or reads a
byte now and then, must not keep the place of one that reads.
"""

from dataclasses import dataclass, replace
from enum import IntEnum


class Phase(IntEnum):
    """What a connection waits for, in the order in which connections have to go when there are too many."""

    IDLE = 0  # for another request, after an answer
    HEAD = 1
    BODY = 2
    UNREAD = 3  # for its client to read
    ANSWER = 4  # for us


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each phase. `unread` is for reading `progress` bytes of an answer, again and again.

    `connections` is how many there may be, and `files` how many files a process needs for each of them, for what
    else it does: sockets and databases of the pipeline.
    """

    idle: float = 5.0
    head: float = 10.0
    body: float = 20.0
    unread: float = 30.0
    progress: int = 8192
    connections: int = 200
    files: int = 4

    def within(self, files: int) -> "Limits":
        """The limits of a process that may have `files` open."""
        return replace(self, connections=max(8, min(self.connections, files // self.files)))

    @property
    def crowd(self) -> int:
        """How many there may be while those who are too many are told so."""
        return self.connections + self.connections // 2

    def of(self, phase: Phase) -> float | None:
        """Seconds that the phase may last; None without a limit."""
        return (self.idle, self.head, self.body, self.unread, None)[phase]


@dataclass(frozen=True, slots=True)
class Seen:
    """A connection: its phase and since when, and how many bytes of answers wait for its client.

    `unread_then` is how many waited when the phase began, or when progress was last seen.
    """

    phase: Phase
    since: float
    unread: int = 0
    unread_then: int = 0


def seen_again(before: Seen, phase: Phase, unread: int, now: float, limits: Limits) -> Seen:
    """The connection a moment later."""
    went_on = before.unread_then - unread >= limits.progress or unread > before.unread
    if phase is not before.phase or (phase is Phase.UNREAD and went_on):  # we write more only when some was read
        return Seen(phase, now, unread, unread)
    return replace(before, unread=unread)


def is_overdue(seen: Seen, now: float, limits: Limits) -> bool:
    """Whether the connection has kept us waiting too long."""
    most = limits.of(seen.phase)
    return most is not None and now - seen.since > most
