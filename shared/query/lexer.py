"""Pure. Cuts a query into brackets, signs, operators, quoted and bare words, each with its position.

Never fails: a quote that nobody closes ends with the query.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from shared.text.fold import tokens

QUOTES: Final = '"“”„‟«»＂'
_SPACE_OR_END: Final = re.compile(rf"[\s(){QUOTES}]|$")
_NOT_SIGN: Final = "-−–—"
OPERATORS: Final = frozenset(("AND", "OR", "NOT"))


class Kind(Enum):
    """What a lexeme is."""

    OPEN = auto()
    CLOSE = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    WORD = auto()
    QUOTED = auto()


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query. `glued` says that it follows the one before without a space between them."""

    kind: Kind
    text: str
    position: int
    glued: bool = False


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
        elif char in QUOTES:
            end = _closing(query, at, repairs)
            yield Lexeme(Kind.QUOTED, query[at + 1 : end].strip(), at, glued)
            at = end + 1
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
        return Lexeme(Kind[text], text, at, glued)
    return Lexeme(Kind.WORD, text, at, glued)


def _end_of_word(query: str, at: int) -> int:
    found = _SPACE_OR_END.search(query, at)
    return found.start() if found else len(query)


def _closing(query: str, at: int, repairs: dict[str, int]) -> int:
    for end in range(at + 1, len(query)):
        if query[end] in QUOTES:
            return end
    repairs.setdefault("quote", at)
    return len(query)
