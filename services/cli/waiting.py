"""Waiting for the world at the start: a broker, a database, room on the disk. What is missing is said once."""

import sys
from collections.abc import Callable
from threading import Event
from typing import Final, TypeVar

from shared.errors import Unavailable

FIRST_PAUSE: Final = 0.5  # seconds between the first two tries; doubles with each
LONGEST_PAUSE: Final = 5.0

T = TypeVar("T")


class Waiting:
    """Tries again while the world is sick. `trouble` says what is waited for, None when nothing is."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self.trouble: str | None = None
        self._said = ""

    def tried(self, do: Callable[[], object]) -> bool:
        """Do it once; False when the world is sick."""
        try:
            do()
        except Unavailable as error:
            self._say(str(error))
            return False
        self.trouble = None
        return True

    def until(self, do: Callable[[], T]) -> T | None:
        """What `do` gives once the world is well; None when a stop was asked for meanwhile."""
        made: list[T] = []
        pause = FIRST_PAUSE
        while not self.tried(lambda: made.append(do())):
            if self._stopping.wait(pause):
                return None
            pause = min(LONGEST_PAUSE, pause * 2)
        return made[0]

    def _say(self, trouble: str) -> None:
        if trouble != self._said:
            print(f"vigie run: {trouble} Vigie waits, and starts when this is cured.", file=sys.stderr, flush=True)
        self.trouble = self._said = trouble
