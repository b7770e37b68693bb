"""Memory: what is free goes back to the system; what was loaded is not looked through for garbage ever again."""

import ctypes
import gc
from typing import Final

_ROOM: Final = 5_000  # objects more than went: Python's 700 make an archivist look for garbage a sixth of its time


def keep_loaded() -> None:
    """Let what is there by now stay for good, and garbage be looked for only among what comes, less often.

    For a process that has loaded what it needs; what becomes garbage of that stays. Some hundredths of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ROOM, 10, 10)


def give_back() -> None:
    """Some hundredths of a second, in which nothing else runs. Where the C library is not glibc, only collects."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
