"""Pure. Vectors in signed bytes, as they are kept, and how near two of them are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 127

Vector = NDArray[np.float32]


def packed(vector: Vector) -> bytes:
    """A vector in signed bytes, its largest number 127."""
    largest = float(np.abs(vector).max()) or 1.0
    kept: bytes = np.rint(vector * (_MOST / largest)).astype(np.int8).tobytes()
    return kept


def unpacked(kept: bytes) -> Vector:
    """The vector again, of length 1."""
    vector = np.frombuffer(kept, np.int8).astype(np.float32)
    return vector / (float(np.linalg.norm(vector)) or 1.0)


def nearness(one: bytes, other: bytes) -> float:
    """The cosine of two kept vectors: 1 for the same words, about 0 for what has nothing in common."""
    return float(unpacked(one) @ unpacked(other))
