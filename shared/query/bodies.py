"""Pure but for the list of bodies, which is read once. `DFKI/Inria`: both, in any order, each in any form."""

import re
from dataclasses import replace
from typing import Final

from shared.query.lexer import OPERATORS
from shared.query.tree import Facet, Is, Node, Prefix, Word, any_of
from shared.text.fold import name_key
from shared.text.organisations import load_gazetteer

_SLASH: Final = re.compile(r"(?<=[^\W\d_]{2})/(?=[^\W\d_]{2})")
_MOST: Final = 4  # words that slashes tie; more of them are a path
_ADDRESS: Final = re.compile(r"[.:@]|//")


def tied(whole: Word | Prefix) -> tuple[Node, ...]:
    """The parts of a word that slashes tie, each of which is wanted; where none does, the word itself.

    The name of a body also stands for the body, however an item names it. 24/7, km/h and addresses stay whole.
    """
    if _ADDRESS.search(whole.text):
        return (whole,)
    parts = _SLASH.split(whole.text)
    if not 2 <= len(parts) <= _MOST or any("/" in part for part in parts):
        return (whole,)
    *words, last = (part.lower() if part in OPERATORS else part for part in parts)
    end = replace(whole, text=last)
    return (*(_named(Word(part, whole.title)) for part in words), _named(end) if isinstance(end, Word) else end)


def _named(word: Word) -> Node:
    if word.title:
        return word
    names = load_gazetteer().names(word.text)
    return any_of([word, *(Is(Facet.ORGANISATION, name_key(name)) for name in names)])
