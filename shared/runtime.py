"""Loops and services: threads that take one step after another, say how they are, and stop when told.

The loop is the one place that catches every exception: whatever a step throws, the loop stays alive, turns red and
tries again after a growing pause.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from threading import Event, Thread
from typing import Final, Protocol

from shared.bus import Bus
from shared.bus.consume import Consumer, Stage
from shared.errors import Conflict, Unavailable

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.5  # seconds after the first failed step; doubles with each
LONGEST_PAUSE: Final = 10.0  # so that a world that is well again is found within half a minute
# seconds that one step may take before the loop counts as hanging: a batch may hold long texts for a large model,
# and a step many polls of slow sites. Calls on the bus have a shorter limit of their own: `shared.bus.watched`.
PATIENCE: Final = 600.0


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """How a loop is.

    `error` says what is red, None when nothing is. In seconds: `since_turn` is the age of the last finished step,
    `stepping` that of the step under way, and `patience` how long it may take; None where there is no such thing.
    """

    alive: bool
    since_turn: float
    stepping: float | None
    patience: float | None
    error: str | None

    def hangs(self, awake: float = inf) -> bool:
        """Whether the step takes longer than it may, in a process that woke up `awake` seconds ago."""
        if self.stepping is None or self.patience is None:
            return False
        return min(self.stepping, awake) > self.patience


class Service(Protocol):
    """What `services.<name>.app.build` returns: loops under one name."""

    @property
    def name(self) -> str: ...

    @property
    def loops(self) -> Sequence["Loop"]: ...

    def start(self) -> None: ...

    def stop(self, timeout: float) -> None:
        """Ask all loops to end, and wait at most `timeout` seconds for them."""
        ...

    def health(self) -> Mapping[str, LoopHealth]:
        """Loop name -> how it is."""
        ...


class Loop:
    """A thread that calls `step` until it is stopped, and idles `idle` seconds when a step had nothing to do.

    `close` runs at the end, in the thread. `trouble` tells what is red although steps succeed. `patience` is how
    many seconds one step may take; None for a step that is meant to last, such as a web server's. `longest` bounds
    the pauses between failing steps. `halt` asks a step that lasts to end soon; another thread calls it.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], bool],
        idle: float = 1.0,
        *,
        close: Callable[[], None] | None = None,
        trouble: Callable[[], str | None] | None = None,
        patience: float | None = PATIENCE,
        longest: float = LONGEST_PAUSE,
        halt: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._step, self._idle, self._close, self._trouble, self._halt = step, idle, close, trouble, halt
        self._patience, self._longest = patience, longest
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._last_turn = time.monotonic()
        self._stepping_since: float | None = None
        self._error: str | None = None
        self._failures = 0

    def start(self) -> None:
        self._last_turn = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Ask the loop to end after the step it is in."""
        self._stopping.set()
        if self._halt:
            self._halt()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False when the loop has not ended in time."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, timeout))
        return not self._thread.is_alive()

    def health(self) -> LoopHealth:
        now, began = time.monotonic(), self._stepping_since
        stepping = None if began is None else now - began
        error = self._error or (self._trouble() if self._trouble else None)
        return LoopHealth(self._thread.is_alive(), now - self._last_turn, stepping, self._patience, error)

    def turn(self) -> float:
        """Take one step, whatever it throws, and say how many seconds to wait before the next."""
        self._stepping_since = time.monotonic()
        try:
            worked = self._step()
        except Exception as error:  # noqa: BLE001 the loop is where every failure ends
            return self._failed(error)
        finally:
            self._stepping_since, self._last_turn = None, time.monotonic()
        if self._error:
            log.info("recovered", extra={"loop": self.name, "failures": self._failures})
        self._error, self._failures = None, 0
        return 0.0 if worked else self._idle

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self.turn())
        if self._close:
            self._close()

    def _failed(self, error: Exception) -> float:
        pause = min(self._longest, FIRST_PAUSE * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        said = str(error) if isinstance(error, Unavailable | Conflict) else f"{type(error).__name__}: {error}"
        if said != self._error:  # said once, not with every try
            expected = isinstance(error, Unavailable | Conflict)
            log.log(
                logging.WARNING if expected else logging.ERROR,
                "step failed",
                extra={"loop": self.name, "error_class": type(error).__name__, "reason": said},
                exc_info=None if expected else error,
            )
        self._error = said
        return pause


class LoopService:
    """A service that is nothing but its loops."""

    def __init__(self, name: str, loops: Sequence[Loop]) -> None:
        self.name = name
        self.loops = tuple(loops)

    def start(self) -> None:
        for loop in self.loops:
            loop.start()

    def stop(self, timeout: float) -> None:
        for loop in self.loops:
            loop.stop()
        deadline = time.monotonic() + timeout
        for loop in self.loops:
            if not loop.join(deadline - time.monotonic()):
                log.warning("loop did not end in time", extra={"loop": loop.name, "seconds": timeout})

    def health(self) -> Mapping[str, LoopHealth]:
        return {loop.name: loop.health() for loop in self.loops}


def stage_loop(bus: Bus, stage: Stage) -> Loop:
    """The loop of a consuming stage; its poll does the waiting."""
    consumer = Consumer(bus, stage)
    return Loop(stage.name, consumer.step, 0.0, close=consumer.close, trouble=lambda: consumer.trouble)
