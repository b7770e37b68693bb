"""Pure. Which neighbours of a piece each look of the encoder sees; none reaches from one text into the next."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LOOKS: Final = ((2, 0), (3, 1), (5, 2))  # how wide a look is, and how many of it lie to the left
LEFT: Final = max(left for _, left in LOOKS)
_RIGHT: Final = max(wide - 1 - left for wide, left in LOOKS)

Numbers = NDArray[np.int64]


def neighbours(sizes: Numbers) -> Numbers:
    """For every piece of texts of these sizes the places around it, from `LEFT` to the left on; for those outside
    its text the place behind all, where a row of nothing stands."""
    count = int(sizes.sum())
    starts = np.cumsum(sizes) - sizes
    places = np.arange(count)[:, None] + np.arange(-LEFT, _RIGHT + 1)
    begins, ends = np.repeat(starts, sizes)[:, None], np.repeat(starts + sizes, sizes)[:, None]
    return np.where((places >= begins) & (places < ends), places, count)


def columns(wide: int, left: int) -> list[int]:
    """Those of `neighbours` that a look sees."""
    return list(range(LEFT - left, LEFT - left + wide))
