"""Pure. The words of a proximity (`"grid stor*"~5`), and how many places they may take up."""

from functools import lru_cache
from typing import NamedTuple

from shared.text.fold import tokens


class Wanted(NamedTuple):
    """A folded word, or the beginning of one."""

    word: str
    begins: bool


@lru_cache(maxsize=4_096)
def wanted_words(text: str) -> tuple[Wanted, ...]:
    """The words of `text`, each once. A star behind a word makes it the beginning of one."""
    found = (Wanted(token.folded, text[token.end : token.end + 1] == "*") for token in tokens(text))
    return tuple(dict.fromkeys(found))


def room(text: str, apart: int) -> int:
    """How far the last of the words may stand behind the first one."""
    return len(wanted_words(text)) - 1 + apart
