"""Pure. Folded forms that no stemmer brings together: Zentrum and Zentren, Haus and Häuser, centre and center."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from shared.text.fold import fold

_FOREIGN_PLURAL: Final = re.compile(r".{2,}(?:[py]|[^l]o)s")  # Chips, Handys, Autos; the stemmer leaves them
_SHORTEST: Final = 2  # letters before an irregular ending
_SHORTEST_ENDING: Final = 3


@lru_cache(maxsize=1_024)  # one word is asked for several times in a row
def regular(word: str, language: str) -> str | None:
    """The form that stands for all forms of `word` (without accents); None when stemming alone will do."""
    words, endings, lengths = _forms()[language]
    if known := words.get(word):
        return known
    for length in lengths.get(word[-_SHORTEST_ENDING:], ()):  # most words end like none of them
        if length <= len(word) - _SHORTEST and (ending := endings.get(word[-length:])):
            return word[:-length] + ending
    return word[:-1] if language == "de" and _FOREIGN_PLURAL.fullmatch(word) else None


class _Forms(NamedTuple):
    """Whole word -> its first form; ending -> its first form; last letters of endings -> how long these are."""

    words: Mapping[str, str]
    endings: Mapping[str, str]
    lengths: Mapping[str, Sequence[int]]


@cache
def _forms() -> Mapping[str, _Forms]:
    content = tomllib.loads((files("shared.text") / "irregular.toml").read_text("utf-8"))
    content["de"]["endings"] += (f"{word} {' '.join(plurals)}" for word, plurals in umlauts().items())
    return {
        language: _Forms(_first_forms(lists["words"] + lists["endings"]), endings, _lengths(endings))
        for language, lists in content.items()
        for endings in (_first_forms(lists["endings"]),)
    }


def _lengths(endings: Mapping[str, str]) -> Mapping[str, Sequence[int]]:
    """The longest first."""
    found: dict[str, set[int]] = defaultdict(set)
    for ending in endings:
        if len(ending) >= _SHORTEST_ENDING:
            found[ending[-_SHORTEST_ENDING:]].add(len(ending))
    return {last: sorted(lengths, reverse=True) for last, lengths in found.items()}


@cache
def umlauts() -> Mapping[str, tuple[str, ...]]:
    """German word -> its plurals in which the vowel changes, in their cases."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (files("shared.text") / "umlauts.txt").read_text("utf-8").splitlines():
        for pair in () if line.startswith("#") else line.split():
            word, _, plural = fold(pair).partition(":")
            first = plural.removesuffix("!")
            third = () if plural != first or first.endswith(("n", "s")) else (f"{first}n",)
            found[word] = (*found.get(word, ()), first, *third)
    return found


def _first_forms(lines: list[str]) -> Mapping[str, str]:
    """Form -> the form that stands for it. The first of a line is only a form of itself where it must be."""
    return {form: fold(line).split()[0] for line in lines for form in fold(line).split()}
