"""Compares two versions with the encoder of this process. The latest answers are remembered.

Raises Damaged where the encoder's files are.
"""

from functools import lru_cache
from typing import Final

from shared.archive.found import FoundItem
from shared.comparison.compare import Comparison, Version, compare, side
from shared.meaning.encoder import Lazy, the_encoder

_REMEMBERED: Final = 64  # comparisons: a page that is looked at again costs nothing


def version_of(item: FoundItem) -> Version:
    """What an item says: its text, else its summary."""
    return Version(item.language, item.title, item.text or item.summary)


@lru_cache(_REMEMBERED)
def compared(left: Version, right: Version, encoder: Lazy = the_encoder) -> Comparison:
    """Both beside each other. Raises Damaged."""
    sides = side(left), side(right)
    texts = [text for each in sides for text in (each.version.title, *each.sentences)]
    vectors = encoder().vectors(texts)
    first = len(sides[0].sentences) + 1
    return compare(*sides, vectors[:first], vectors[first:])
