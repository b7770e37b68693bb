"""Turns at writing an embedded database, first come, first served.

SQLite lets waiting writers try again after ever longer pauses, so that a busy writer takes the lock again and
again while others starve: seen with four threads, a sender waited for more than thirty seconds. Here the threads
of a process queue, and processes queue in the kernel for a `flock`, which it frees when a process ends.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from shared.errors import StoreUnavailable

PATIENCE: Final = 60.0  # seconds that a thread waits for its turn


class Turns:
    """The queue for one database file. Thread-safe; a thread must not take a second turn inside its first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._mutex = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Inside, nobody else of this machine writes. Raises StoreUnavailable after a minute."""
        self._queue()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._next()

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:  # the number may be another file's by now
            os.close(file)

    def _queue(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=PATIENCE):
            return
        with self._mutex:
            if gate in self._waiting:
                self._waiting.remove(gate)
                raise StoreUnavailable(f"no turn to write within {PATIENCE:.0f} s; something holds {self._path}")

    def _next(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()  # the turn passes on; nobody can jump in
            else:
                self._taken = False
