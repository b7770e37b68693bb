"""Pure. The encoder's arithmetic in 32 bits: what its 8 bits are made by, and held against.

A deep averaging network with runs of neighbours, as Google's universal-sentence-encoder-multilingual v3 has it:
the vector of each piece, three looks at its neighbours (2, 3 and 5 wide), summed over the text and projected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.meaning.looks import LOOKS, columns, neighbours
from shared.meaning.rows import Matrix, Rows

Dense = Mapping[str, Matrix]


@dataclass(frozen=True, slots=True)
class Exact:
    """Rows and matrices. `largest` keeps how large the numbers became that each look's layers read, by column."""

    rows: Rows
    dense: Dense
    largest: dict[str, Matrix] = field(default_factory=dict)

    def encode(self, texts: Sequence[Sequence[int]]) -> Matrix:
        """The vectors of texts, each given as the numbers of its pieces, at least one."""
        sizes = np.array([len(text) for text in texts])
        pieces = self.rows.floats(np.concatenate([np.asarray(text, np.int64) for text in texts]))
        seen = np.concatenate([pieces, *self._looks(pieces, neighbours(sizes))], axis=1)
        dense = self.dense
        levelled = _levelled(seen, dense["level_gain"], dense["level_bias"], dense["least"])
        summed = np.add.reduceat(levelled, np.cumsum(sizes) - sizes)
        mixed = (summed @ dense["mix"] + sizes[:, None] * dense["mix_bias"]) / np.sqrt(sizes)[:, None]
        return _head(dense, mixed.astype(np.float32))

    def _looks(self, pieces: Matrix, around: NDArray[np.int64]) -> list[Matrix]:
        """What each look sees of the pieces; they are levelled together."""
        dense = self.dense
        narrow = pieces @ dense["narrow"] + dense["narrow_bias"]
        level = _levelled(narrow, dense["narrow_gain"], dense["narrow_level"], dense["least"])
        parts = np.split(level, len(LOOKS), axis=1)
        return [self._look(part, around, *look) for part, look in zip(parts, LOOKS, strict=True)]

    def _look(self, seen: Matrix, around: NDArray[np.int64], wide: int, left: int) -> Matrix:
        """Two layers over the neighbours, each added to what it was made of."""
        for layer in (f"first{wide}", f"second{wide}"):
            most = np.abs(seen).max(0)
            self.largest[layer] = np.maximum(self.largest.get(layer, most), most)
            framed = np.concatenate([seen, np.zeros((1, seen.shape[1]), np.float32)])[
                around[:, columns(wide, left)]
            ]
            lifted = framed.reshape(len(seen), -1) @ self.dense[layer] + self.dense[f"{layer}_bias"]
            seen = np.maximum(lifted, 0) + seen
        return seen


def _levelled(rows: Matrix, gain: Matrix, bias: Matrix, least: Matrix) -> Matrix:
    rows = rows - rows.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= (1 / np.sqrt(spread + least))[:, None].astype(np.float32)
    return rows * gain + bias


def _head(dense: Dense, mixed: Matrix) -> Matrix:
    first = np.maximum(mixed @ dense["head0"], 0)
    second = np.maximum(mixed @ dense["skip1"] + first @ dense["head1"], 0)
    third = np.maximum(second @ dense["head2"], 0)
    found = np.tanh(second @ dense["skip3"] + third @ dense["head3"])
    length = np.sqrt(np.maximum(np.einsum("ij,ij->i", found, found), dense["least"]))
    return np.asarray(found / length[:, None], np.float32)
