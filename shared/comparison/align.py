"""Pure. The sentences of two texts of one content, put beside each other by meaning.

The likeliest row of blocks through both texts: one sentence beside one, one beside two or three (translators cut
differently), or alone. What the row had to leave alone finds its like elsewhere (translators also reorder), among
what is alone on the other side or, where it is very near, in what is paired: a text may say a thing twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

SHAPES: Final = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2))  # sentences of the left and of the right
_SPLIT: Final = 0.03  # of likeness, that every sentence beyond the first of a side costs

_EVEN: Final = 0.3  # logarithm of the ratio of letters that translations have
_UNEVEN: Final = 0.3  # of likeness, for each more


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which likeness on two blocks are held for the same: in the row of the texts, out of it, and beside
    what has its like already."""

    paired: float
    moved: float
    repeated: float


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences (by number) that say the same; one side is empty where nothing of the other does."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences of a side: a vector of length 1 and the size in letters of each."""

    vectors: Matrix
    sizes: NDArray[np.int64]


def align(left_told: Told, right_told: Told, shared: Matrix, bounds: Bounds) -> tuple[Block, ...]:
    """Blocks in the order of the left text. `shared` is added to the likeness of two sentences."""
    row = _row(left_told, right_told, shared, bounds.paired)
    left, right = left_told.vectors, right_told.vectors
    alone_left = sorted(set(range(len(left))) - {i for block in row for i in block.left})
    alone_right = sorted(set(range(len(right))) - {i for block in row for i in block.right})
    likeness = left @ right.T + shared
    for i, j in _nearest(likeness, alone_left, alone_right, bounds.moved):
        row.append(Block((i,), (j,), float(likeness[i, j])))
        alone_left.remove(i)
        alone_right.remove(j)
    blocks = [
        *row,
        *(Block((i,), ()) for i in alone_left if _highest(likeness[i]) < bounds.repeated),
        *(Block((), (j,)) for j in alone_right if _highest(likeness[:, j]) < bounds.repeated),
    ]
    return tuple(sorted(blocks, key=lambda block: (block.left or (len(left),), block.right)))


def _highest(values: Matrix) -> float:
    return float(values.max()) if len(values) else 0.0


def _nearest(
    likeness: Matrix, left: Sequence[int], right: Sequence[int], least: float
) -> Iterator[tuple[int, int]]:
    """Pairs of what is alone, the nearest first, each once."""
    pairs = sorted(((float(likeness[i, j]), i, j) for i in left for j in right), reverse=True)
    seen_left, seen_right = set[int](), set[int]()
    for value, i, j in pairs:
        if value >= least and i not in seen_left and j not in seen_right:
            seen_left.add(i)
            seen_right.add(j)
            yield i, j


def _row(left: Told, right: Told, shared: Matrix, least: float) -> list[Block]:
    """The blocks of two sides whose sum of likeness above `least` is the highest, in order."""
    lefts = {size: _runs(left, size) for size in (1, 2, 3)}
    rights = {size: _runs(right, size) for size in (1, 2, 3)}
    gains = {
        (a, b): lefts[a] @ rights[b].T + _means(shared, a, b) - _SPLIT * (a + b - 2) - _uneven(left, right, a, b)
        for a, b in SHAPES
        if a <= len(left.sizes) and b <= len(right.sizes)
    }
    height, width = len(left.sizes), len(right.sizes)
    best = np.zeros((height + 1, width + 1))
    came: dict[tuple[int, int], tuple[int, int]] = {}
    for i in range(height + 1):
        for j in range(width + 1):
            _reach(i, j, best, came, gains, least)
    return list(_back(height, width, came, gains))


def _reach(
    i: int,
    j: int,
    best: NDArray[np.float64],
    came: dict[tuple[int, int], tuple[int, int]],
    gains: dict[tuple[int, int], Matrix],
    least: float,
) -> None:
    ways = [(best[i - a, j - b], (a, b)) for a, b in ((1, 0), (0, 1)) if i >= a and j >= b]
    for (a, b), gain in gains.items():
        if i >= a and j >= b:
            ways.append((best[i - a, j - b] + (float(gain[i - a, j - b]) - least) * (a + b) / 2, (a, b)))
    if ways:
        best[i, j], came[i, j] = max(ways)


def _back(
    i: int, j: int, came: dict[tuple[int, int], tuple[int, int]], gains: dict[tuple[int, int], Matrix]
) -> Iterator[Block]:
    while i or j:
        a, b = came[i, j]
        i, j = i - a, j - b
        if a and b:
            likeness = float(gains[a, b][i, j])
            yield Block(tuple(range(i, i + a)), tuple(range(j, j + b)), likeness)


def _uneven(left: Told, right: Told, a: int, b: int) -> Matrix:
    """What it costs that one side says in many letters what the other does in few."""
    logs = [
        np.log(np.lib.stride_tricks.sliding_window_view(told.sizes, size).sum(axis=1))
        for told, size in ((left, a), (right, b))
    ]
    apart = np.abs(logs[0][:, None] - logs[1][None, :])
    return np.asarray(_UNEVEN * np.maximum(apart - _EVEN, 0), np.float32)


def _runs(told: Told, size: int) -> Matrix:
    """The mean of each sentence and the `size` - 1 after it by their sizes, of length 1: nearly the vector of them
    read together."""
    rows = told.vectors * told.sizes[:, None].astype(np.float32)
    if len(rows) < size:
        return rows[:0]
    summed = sum(rows[start : len(rows) - size + 1 + start] for start in range(size))
    found = np.asarray(summed, np.float32)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)


def _means(values: Matrix, a: int, b: int) -> Matrix:
    """The mean of each rectangle of `values`."""
    height, width = values.shape[0] - a + 1, values.shape[1] - b + 1
    found = sum(values[i : i + height, j : j + width] for i in range(a) for j in range(b))
    return np.asarray(found / (a * b), np.float32)
