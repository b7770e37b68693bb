"""Finished work on its way through steps that many take at once: into the bus, then into the store.

A step that fails for all (a sick world) is tried again with the same work, and nothing gets past it meanwhile. One
that fails for a reason of its own takes the work singly, so that only what is sick is lost.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from shared.errors import Unavailable

MOST: Final = 100  # pieces of work in one go

W = TypeVar("W")
Step = Callable[[Sequence[W]], object]


class Settling(Generic[W]):
    """Work goes through `steps` in their order. Lives in one thread."""

    def __init__(self, *steps: Step[W], most: int = MOST) -> None:
        self._lines = [_Line(step, most) for step in steps]

    def __len__(self) -> int:
        return sum(len(line.waiting) for line in self._lines)

    def add(self, work: Iterable[W]) -> None:
        self._lines[0].waiting.extend(work)

    def turn(self) -> None:
        """Take all that waits through the steps. Raises what a step raised; what is not sick stays for later."""
        for line, behind in zip(self._lines, (*self._lines[1:], None), strict=True):
            while line.waiting:
                through = line.go()
                if behind is not None:
                    behind.waiting.extend(through)


class _Line(Generic[W]):
    """What waits for one step. The first `_singly` of it go one by one."""

    def __init__(self, step: Step[W], most: int) -> None:
        self._step, self._most = step, most
        self._singly = 0
        self.waiting: deque[W] = deque()

    def go(self) -> Sequence[W]:
        """Take some through the step, and say what."""
        singly = self._singly
        count = 1 if singly else min(self._most, len(self.waiting))
        work = tuple(self.waiting.popleft() for _ in range(count))
        self._singly = max(0, singly - 1)
        try:
            self._step(work)
        except Unavailable:
            self._back(work, singly)
            raise
        except Exception:  # which piece is sick shows when they come singly
            if count == 1:
                raise
            self._back(work, count)
            return ()
        return work

    def _back(self, work: Sequence[W], singly: int) -> None:
        self.waiting.extendleft(reversed(work))
        self._singly = singly
