"""Pure. The word that somebody meant: one that is near, or none. A far guess misleads more than none."""

from collections.abc import Collection
from typing import Final

_BEGUN: Final = 4  # letters of a word that was not written to its end
_SHORT: Final = 3  # letters in which every change makes another word
_LONG: Final = 7  # letters from which on two slips are likely


def nearest(written: str, names: Collection[str]) -> str | None:
    """The name that `written` is a slip or the beginning of; None where no name is that near.

    One letter may be wrong, missing, too many or swapped with the next, in a long word two.
    """
    most = 0 if len(written) <= _SHORT else 1 if len(written) < _LONG else 2
    near = [(slips, name) for name in names if (slips := _slips(written, name)) <= min(most, len(name) - _SHORT)]
    if near:
        return min(near)[1]
    begun = sorted((name for name in names if name.startswith(written)), key=len)
    return begun[0] if begun and len(written) >= _BEGUN else None


def _slips(one: str, other: str) -> int:
    """Letters set, left out, exchanged, or swapped with their neighbour between the two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
