"""Pure. The rows of the pieces, six bits a number: as they are kept, and as the network takes them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 512  # numbers of a row, and of a vector

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """`kept` holds six bits of every number of every piece, in three bytes for four (see `packed`); `group` names
    their scale and offset."""

    kept: NDArray[np.uint8]
    group: NDArray[np.uint8]
    scale: Matrix
    offset: Matrix

    def whole(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], Matrix, Matrix]:
        """Of these pieces: whole numbers below 64, and by what each row is multiplied and moved, (pieces, 1)."""
        group = self.group[numbers]
        return unpacked(self.kept[numbers]), self.scale[group, None], self.offset[group, None]

    def floats(self, numbers: NDArray[np.int64]) -> Matrix:
        """The vectors of these pieces."""
        found, scale, offset = self.whole(numbers)
        return found * scale + offset


def packed(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Numbers below 64, (pieces, WIDTH), in three quarters of the room: the last in the others' top bits."""
    first, second, third, last = np.split(rows, 4, axis=1)
    parts = (first | (last & 3) << 6, second | (last >> 2 & 3) << 6, third | last >> 4 << 6)
    return np.concatenate(parts, axis=1)


def unpacked(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The numbers again."""
    first, second, third = np.split(rows, 3, axis=1)
    last = first >> 6 | second >> 6 << 2 | third >> 6 << 4
    return np.concatenate((rows & 63, last), axis=1)
