"""Pure. How a lexicon file writes a term, and what a term is.

A term is one or more words. `*` at the beginning or end of a word stands for any letters, so `*kraftwerk*` finds
Gaskraftwerke; without it the whole word must stand there, so `ki` is not in Kinder. `=AI` holds only as written,
in capitals. Spaces, hyphens and apostrophes in the text separate words: `l énergie`, `start up`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from shared.errors import ConfigError
from shared.text.fold import fold

ANY_LANGUAGE: Final = "any"
WEIGHTS: Final[Mapping[str, float]] = {
    "certain": 0.9,
    "strong": 0.55,
    "medium": 0.3,
    "weak": 0.15,
    "faint": 0.06,
    "against": -0.2,
    "contrary": -0.45,
}
VETO: Final = "not"


class Effect(Enum):
    """What a term that was found does."""

    COUNTS = "counts"  # adds its weight, which is negative for terms under `against`
    VETOES = "vetoes"  # voids every hit of its label inside its words


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the lexicon, for one label. A weight of 1 carries the label alone in a text of `SIZE` words."""

    label: str
    words: tuple[str, ...]
    weight: float
    effect: Effect = Effect.COUNTS


@dataclass(frozen=True, slots=True)
class WordPattern:
    """One word of a term: its letters and which ends are open. `cased` patterns compare as written."""

    letters: str
    open_start: bool = False
    open_end: bool = False
    cased: bool = False


@lru_cache(maxsize=65_536)
def spelling(word: str) -> str:
    """The letters that count: case and accents folded, umlauts written out (fähren is not fahren)."""
    return fold(word)


def word_pattern(written: str) -> WordPattern:
    """The pattern of one word of a term. Raises ConfigError for a word without letters."""
    if written.startswith("="):
        return WordPattern(written[1:], cased=True)
    letters = spelling(written.strip("*"))
    if not letters or "*" in letters:
        raise ConfigError(f"the lexicon has the word {written!r}: `*` may stand at its ends only")
    return WordPattern(letters, written.startswith("*"), written.endswith("*"))


def terms_of(label: str, lists: Mapping[str, Sequence[str]]) -> Iterator[Term]:
    """The terms of one language section of a label's file: level -> terms. Raises ConfigError on others."""
    for level, written in lists.items():
        for text in written:
            words = tuple(text.split())
            if level == VETO:
                yield Term(label, words, 0.0, Effect.VETOES)
            elif level in WEIGHTS:
                yield Term(label, words, WEIGHTS[level])
            else:
                known = ", ".join((*WEIGHTS, VETO))
                raise ConfigError(f"the lexicon of {label} has the level {level!r}; there are {known}")
