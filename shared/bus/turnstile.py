"""Many batches at once, or one suspect alone: so that the death of a process points at one record.

Every bus carries one turnstile, and a process has one bus. While a record that was in hand when the process died
is tried again, no other stage of the process handles anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turnstile:
    """A lock that batches share and a suspect has for itself. A waiting suspect goes before new batches."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._batches = 0
        self._suspects = 0  # waiting or inside
        self._taken = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Inside, other batches may run and no suspect does."""
        with self._changed:
            self._changed.wait_for(lambda: self._suspects == 0)
            self._batches += 1
        try:
            yield
        finally:
            with self._changed:
                self._batches -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, nothing else runs."""
        with self._changed:
            self._suspects += 1
            self._changed.wait_for(lambda: self._batches == 0 and not self._taken)
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._suspects -= 1
                self._changed.notify_all()
