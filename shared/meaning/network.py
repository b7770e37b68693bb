"""Pure. The encoder's arithmetic: the pieces of texts -> a vector of length 1 for each.

A deep averaging network with runs of neighbours, as Google's universal-sentence-encoder-multilingual v3 has it:
the vector of each piece, three looks at its neighbours (2, 3 and 5 wide), summed over the text and projected. All
texts are computed together, so that each matrix is read once; no look reaches from one text into the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 512  # numbers of a vector
TOGETHER: Final = 384  # pieces that are computed at once: enough to share the reading of the matrices
_LOOKS: Final = ((2, 0), (3, 1), (5, 2))  # how wide a look is, and how many of it lie to the left
_LEFT: Final = max(left for _, left in _LOOKS)
_RIGHT: Final = max(wide - 1 - left for wide, left in _LOOKS)

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """`rows` holds six bits of every number of every piece, in three bytes for four (see `packed`); `group` names
    their scale and offset. The rest as named in the artefact."""

    rows: NDArray[np.uint8]
    group: NDArray[np.uint8]
    dense: Mapping[str, Matrix]

    def pieces(self, numbers: NDArray[np.int64]) -> Matrix:
        group = self.group[numbers]
        found = unpacked(self.rows[numbers]).astype(np.float32)
        found *= self.dense["scale"][group, None]
        found += self.dense["offset"][group, None]
        return found


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


def encode(weights: Weights, texts: Sequence[Sequence[int]]) -> Matrix:
    """The vectors (texts, WIDTH) of texts, each given as the numbers of its pieces, at least one."""
    found = np.empty((len(texts), WIDTH), np.float32)
    first = 0
    while first < len(texts):
        last, size = first + 1, len(texts[first])
        while last < len(texts) and size + len(texts[last]) <= TOGETHER:
            size += len(texts[last])
            last += 1
        found[first:last] = _encode(weights, texts[first:last])
        first = last
    return found


def _encode(weights: Weights, texts: Sequence[Sequence[int]]) -> Matrix:
    sizes = np.array([len(text) for text in texts])
    starts = np.cumsum(sizes) - sizes
    pieces = weights.pieces(np.concatenate([np.asarray(text, np.int64) for text in texts]))
    seen = np.concatenate([pieces, *_looks(weights, pieces, _neighbours(starts, sizes))], axis=1)
    dense = weights.dense
    summed = np.add.reduceat(_levelled(seen, dense["level_gain"], dense["level_bias"], dense["least"]), starts)
    mixed = (summed @ dense["mix"] + sizes[:, None] * dense["mix_bias"]) / np.sqrt(sizes)[:, None]
    return _head(dense, mixed.astype(np.float32))


def _looks(weights: Weights, pieces: Matrix, around: NDArray[np.int64]) -> list[Matrix]:
    """What each look sees of the pieces; they are levelled together."""
    dense = weights.dense
    narrow = _levelled(
        pieces @ dense["narrow"] + dense["narrow_bias"],
        dense["narrow_gain"],
        dense["narrow_level"],
        dense["least"],
    )
    parts = np.split(narrow, len(_LOOKS), axis=1)
    return [_look(dense, part, around, *look) for part, look in zip(parts, _LOOKS, strict=True)]


def _look(dense: Mapping[str, Matrix], seen: Matrix, around: NDArray[np.int64], wide: int, left: int) -> Matrix:
    """Two layers over the neighbours, each added to what it was made of."""
    columns = around[:, _LEFT - left : _LEFT - left + wide]
    for layer in ("first", "second"):
        framed = np.concatenate([seen, np.zeros((1, seen.shape[1]), np.float32)])[columns]
        lifted = framed.reshape(len(seen), -1) @ dense[f"{layer}{wide}"] + dense[f"{layer}{wide}_bias"]
        seen = np.maximum(lifted, 0) + seen
    return seen


def _neighbours(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every piece the places around it; those outside its text are the row of zeros behind all."""
    count = int(sizes.sum())
    places = np.arange(count)[:, None] + np.arange(-_LEFT, _RIGHT + 1)
    begins, ends = np.repeat(starts, sizes)[:, None], np.repeat(starts + sizes, sizes)[:, None]
    return np.where((places >= begins) & (places < ends), places, count)


def _levelled(rows: Matrix, gain: Matrix, bias: Matrix, least: Matrix) -> Matrix:
    rows = rows - rows.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= (1 / np.sqrt(spread + least))[:, None].astype(np.float32)
    return rows * gain + bias


def _head(dense: Mapping[str, Matrix], mixed: Matrix) -> Matrix:
    first = np.maximum(mixed @ dense["head0"], 0)
    second = np.maximum(mixed @ dense["skip1"] + first @ dense["head1"], 0)
    third = np.maximum(second @ dense["head2"], 0)
    found = np.tanh(second @ dense["skip3"] + third @ dense["head3"])
    length = np.sqrt(np.maximum(np.einsum("ij,ij->i", found, found), dense["least"]))
    return np.asarray(found / length[:, None], np.float32)
