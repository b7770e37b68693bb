"""How many threads arithmetic takes: said to numpy by the environment, before it is imported."""

import os


def one_thread_for_arithmetic() -> None:
    """Asks numpy's OpenBLAS for one thread, where nobody asked for another number; before numpy is imported.

    The products of our models are small: shared out among threads they wait for one another, and on a machine that
    does other work too they take nine times the processor's time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
