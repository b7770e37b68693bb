"""Pure. Cuts a query into brackets, signs, operators, quoted and bare words, each with its position.

Never fails: a quote that nobody closes ends with the query, and a single one is an apostrophe then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from shared.text.fold import tokens

QUOTES: Final = '"“”„‟«»＂'
# What opens a single quote -> what closes it, as German, French and English set them.
_SINGLE: Final = {"'": "'’", "‘": "’'", "‚": "‘’'", "‹": "›", "›": "‹", "‛": "’", "＇": "＇"}
_BEHIND_A_QUOTE: Final = re.compile(rf"[\s(){QUOTES}~.,;:!?…]|$")
_END_OF_WORD: Final = re.compile(rf"[\s(){QUOTES}]|(?<=:)[{''.join(_SINGLE)}]|$")
_APART: Final = re.compile(r"~(\d{1,6})")
_NOT_SIGN: Final = "-−–—"


class Kind(Enum):
    """What a lexeme is."""

    OPEN = auto()
    CLOSE = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    WORD = auto()
    QUOTED = auto()


OPERATORS: Final = {  # in the three languages, as catalogues of libraries write them
    **dict.fromkeys(("AND", "UND", "ET"), Kind.AND),
    **dict.fromkeys(("OR", "ODER", "OU"), Kind.OR),
    **dict.fromkeys(("NOT", "NICHT", "SAUF"), Kind.NOT),
}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query. `glued` says that it follows the one before without a space between them.

    `apart` is the number behind a quoted text: "grid storage"~5.
    """

    kind: Kind
    text: str
    position: int
    glued: bool = False
    apart: int | None = None


def lexemes(query: str, repairs: dict[str, int]) -> Iterator[Lexeme]:
    """The pieces of `query` in order; what was put right is added to `repairs`, with its place."""
    at, glued = 0, False
    while at < len(query):
        char = query[at]
        if char.isspace():
            at, glued = at + 1, False
            continue
        if char in "()":
            yield Lexeme(Kind.OPEN if char == "(" else Kind.CLOSE, char, at, glued)
            at += 1
        elif (end := _end_of_quote(query, at, repairs)) is not None:
            apart = _APART.match(query, end + 1)
            yield Lexeme(Kind.QUOTED, query[at + 1 : end].strip(), at, glued, int(apart[1]) if apart else None)
            at = apart.end() if apart else end + 1
        elif char in _NOT_SIGN and not glued:
            if at + 1 < len(query) and not query[at + 1].isspace():
                yield Lexeme(Kind.NOT, char, at)
            at += 1
            continue  # a second sign, or what it denies, begins a word
        else:
            end = _end_of_word(query, at)
            yield _word(query[at:end], at, glued)
            at = end
        glued = char != "("


def trimmed(text: str) -> tuple[str, int]:
    """`text` from its first to its last letter or digit (a C keeps its ++), and where that begins."""
    found = tokens(text)
    if not found:
        return "", 0
    first, last = found[0], found[-1]
    return text[first.start : last.end], first.start


def _word(text: str, at: int, glued: bool) -> Lexeme:
    if text in OPERATORS:
        return Lexeme(OPERATORS[text], text, at, glued)
    return Lexeme(Kind.WORD, text, at, glued)


def _end_of_word(query: str, at: int) -> int:
    for found in _END_OF_WORD.finditer(query, at + 1):
        char = query[found.start() : found.end()]
        if char not in _SINGLE or _end_of_single(query, found.start()) is not None:
            return found.start()
    return len(query)


def _end_of_quote(query: str, at: int, repairs: dict[str, int]) -> int | None:
    """Where the quote that begins at `at` is closed; None where none begins."""
    if query[at] in QUOTES:
        return _closing(query, at, repairs)
    begins = at == 0 or query[at - 1] in ":(-" or query[at - 1].isspace()
    return _end_of_single(query, at) if begins and query[at] in _SINGLE else None


def _end_of_single(query: str, at: int) -> int | None:
    """A single quote also cuts words short: it is closed only behind a word, by one that no letter follows."""
    if not query[at + 1 : at + 2].strip():
        return None
    for end in range(at + 2, len(query)):
        if query[end] in QUOTES:
            return None
        if (
            query[end] in _SINGLE[query[at]]
            and not query[end - 1].isspace()
            and _BEHIND_A_QUOTE.match(query, end + 1)
        ):
            return end
    return None


def _closing(query: str, at: int, repairs: dict[str, int]) -> int:
    for end in range(at + 1, len(query)):
        if query[end] in QUOTES:
            return end
    repairs.setdefault("quote", at)
    return len(query)
