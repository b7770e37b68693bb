"""Gives memory that is free back to the system, which Python and the C library otherwise keep for later."""

import ctypes
import gc


def give_back() -> None:
    """Some hundredths of a second, in which nothing else runs. Where the C library is not glibc, only collects."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
