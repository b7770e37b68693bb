"""Pure. What is kept of a text's meaning: vectors in signed bytes, and how near two of them are."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from shared.items import Meaning

_MOST: Final = 127

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vectors:
    """The meaning of an item: that of its title, and the mean of its sentences (none: it has no words but these).

    Signed bytes; lengths do not count. Those of another `version` do not compare.
    """

    version: str
    title: bytes
    text: bytes = b""

    @classmethod
    def of(cls, meaning: Meaning) -> Self:
        """What an event carries."""
        return cls(meaning.version, b64decode(meaning.title), b64decode(meaning.text))

    def meaning(self) -> Meaning:
        """As an event carries it."""
        return Meaning(
            version=self.version, title=b64encode(self.title).decode(), text=b64encode(self.text).decode()
        )


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
