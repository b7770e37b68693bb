"""Room for large documents: how many a process holds in memory at once, whoever fetches them.

Fifty polls may each meet ten megabytes, decompressed and taken apart. What is small is read at once; what grows
beyond `LARGE` waits for one of a few places, and keeps it until its visit ends, when the document is let go of.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, local
from typing import Final

from shared.errors import FetchFailed, Trouble
from shared.web.connect import Deadline

LARGE: Final = 1_000_000  # bytes of a document that need a place
PLACES: Final = 6
PATIENCE: Final = 60.0  # seconds until a place is free; servers do not wait for ever either
_places: Final = BoundedSemaphore(PLACES)


class _Visit(local):
    """What this thread has: whether it is in a visit, and whether that has its place."""

    begun = False
    placed = False


_visit: Final = _Visit()


@contextmanager
def visit() -> Iterator[None]:
    """All that this thread fetches inside has one place. Visits do not nest."""
    _visit.begun = True
    try:
        yield
    finally:
        _visit.begun = False
        if _visit.placed:
            _visit.placed = False
            _places.release()


def take(deadline: Deadline) -> None:
    """The document at hand has grown large: wait for a place, on nobody's account. Outside of visits there is none
    to wait for. Raises FetchFailed when none becomes free.
    """
    if not _visit.begun or _visit.placed:
        return
    begun = time.monotonic()
    if not _places.acquire(timeout=PATIENCE):
        raise FetchFailed(f"large documents of other sources took all room for {PATIENCE:.0f} s", Trouble.BUSY)
    _visit.placed = True
    deadline.extend(time.monotonic() - begun)
