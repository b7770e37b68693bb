"""Pure but for the table, which is read once. The names of one thing in three languages (`terms.txt`)."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from shared.query.small_words import is_small_word
from shared.text.analyse import stems
from shared.text.fold import tokens

_FILE: Final = Path(__file__).parent / "terms.txt"
_LANGUAGES: Final = ("en", "de", "fr")  # the columns
WORDS: Final = 5  # of a name, small ones not counted


class Name(NamedTuple):
    """How a thing is called in a language."""

    language: str
    text: str


Thing = tuple[Name, ...]


@cache
def things() -> Sequence[Thing]:
    """Every thing of the table, with all of its names."""
    lines = (line for line in _FILE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return tuple(tuple(_names(line.split("|"))) for line in lines)


def thing(words: Sequence[str]) -> Thing:
    """What these words name, in any form and in one of the languages; empty where they name nothing."""
    return next((found for form in forms(words) if (found := _by_form().get(form))), ())


def forms(words: Sequence[str]) -> tuple[str, ...]:
    """What the words are in each language, whatever their endings: a query for one of them finds the others."""
    return tuple(" ".join(stems(word, language)[0] for word in words) for language in _LANGUAGES)


def own_form(name: Name) -> str:
    """What the name is in its own language."""
    return forms(words_of(name.text))[_LANGUAGES.index(name.language)]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name, without the small ones."""
    found = (token.surface for token in tokens(text) if not token.elided)
    return tuple(word for word in found if not is_small_word(word))


def _names(cells: Sequence[str]) -> Sequence[Name]:
    return [
        Name(language, name.strip())
        for language, cell in zip(_LANGUAGES, cells, strict=True)
        for name in cell.split("/")
    ]


@cache
def _by_form() -> Mapping[str, Thing]:
    return {own_form(name): thing for thing in things() for name in thing}
