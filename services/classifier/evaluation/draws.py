"""Pure. Bootstrap over publications: which weight each gets in every draw, the same for everything compared."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
DRAWS: Final = 1000
CONFIDENCE: Final = 0.95
_AT_ONCE: Final = 250  # draws in memory together


def weights(groups: int, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of `draws` rows in all: how often each of the groups was drawn, as many draws as there are groups."""
    generator = np.random.default_rng(seed)
    for start in range(0, draws, _AT_ONCE):
        block = np.zeros((min(_AT_ONCE, draws - start), groups))
        for row in block:
            row += np.bincount(generator.integers(groups, size=groups), minlength=groups)
        yield block


def interval(drawn: Floats) -> tuple[float, float] | None:
    """The middle 95 % of what was drawn, NaN left out. None when less than half of the draws gave a figure."""
    known = drawn[~np.isnan(drawn)]
    if len(known) * 2 < len(drawn) or not len(known):
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
