"""Pure. Whether two titles say opposite things: one adopts what the other rejects, or denies what the other says.

Vectors of meaning do not tell: a title and its opposite lie nearer to each other than most translations. Reads
`opposed.toml`.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from shared.text.fold import fold

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Stand:
    """What a title says for one side alone: (pair, side) numbers; and whether it denies something."""

    sides: frozenset[tuple[int, int]]
    denies: bool

    def opposes(self, other: "Stand") -> bool:
        """Whether one says a thing and the other its opposite."""
        return any((pair, 1 - side) in other.sides for pair, side in self.sides)


def stand(title: str) -> Stand:
    """Where a title stands; a pair of which it says both sides does not count."""
    known = _known()
    said = f" {' '.join(_WORD.findall(fold(title)))} "
    both = [tuple(side.search(said) is not None for side in pair) for pair in known.pairs]
    sides = ((number, sides.index(True)) for number, sides in enumerate(both) if sum(sides) == 1)
    return Stand(frozenset(sides), known.denial.search(said) is not None)


@dataclass(frozen=True, slots=True)
class _Known:
    pairs: Sequence[Sequence[re.Pattern[str]]]
    denial: re.Pattern[str]


@cache
def _known() -> _Known:
    read = tomllib.loads(files(__package__).joinpath("opposed.toml").read_text("utf-8"))
    pairs = tuple((_any(pair["one"]), _any(pair["other"])) for pair in read["pair"])
    return _Known(pairs, _any([word for denial in read["denial"] for word in denial["words"]]))


def _any(words: Sequence[str]) -> re.Pattern[str]:
    """Finds beginnings of words, and those marked with = where they stand alone, in folded text between spaces."""
    return re.compile("|".join(f" {word[1:]} " if word.startswith("=") else f" {word}" for word in words))
