"""Pure. Forms that no stemmer brings together: Zentrum and Zentren, Datum and Daten, centre and center."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

_FOREIGN_PLURAL: Final = re.compile(r".{2,}(?:[py]|[^l]o)s")  # Chips, Handys, Autos; the stemmer leaves them
_SHORTEST: Final = 2  # letters before an irregular ending
_SHORTEST_ENDING: Final = 3


def regular(word: str, language: str) -> str | None:
    """The form that stands for all forms of `word` (without accents); None when stemming alone will do."""
    words, endings = _forms()[language]
    if known := words.get(word):
        return known
    for length in range(len(word) - _SHORTEST, _SHORTEST_ENDING - 1, -1):
        if ending := endings.get(word[-length:]):
            return word[:-length] + ending
    return word[:-1] if language == "de" and _FOREIGN_PLURAL.fullmatch(word) else None


@cache
def _forms() -> Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]:
    """Language -> (whole word -> its first form, ending -> its first form)."""
    content = tomllib.loads((files("shared.text") / "irregular.toml").read_text("utf-8"))
    return {
        language: (_first_forms(lists["words"] + lists["endings"]), _first_forms(lists["endings"]))
        for language, lists in content.items()
    }


def _first_forms(lines: list[str]) -> Mapping[str, str]:
    return {form: line.split()[0] for line in lines for form in line.split()}
