"""Pure. Facets as words of the index: `theme:energy` is the term `mtenergy`, which no text contains.

So one question to the index answers texts and facets together, and the newest come first without sorting.
"""

from hashlib import blake2b
from typing import Final

from shared.query.tree import Facet

FRANCO_GERMAN: Final = "mf"
_LETTER: Final = {
    Facet.SOURCE: "s",
    Facet.THEME: "t",
    Facet.ORGANISATION: "o",
    Facet.COUNTRY: "c",
    Facet.LANGUAGE: "l",
}
MARKED: Final = frozenset(_LETTER)  # a story is another one when stories merge, without a change of its items
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxy0123456789")  # z begins what is written as a code point
_LONGEST: Final = 100  # characters; longer ones are known by their hash


def mark(facet: Facet, value: str) -> str:
    """The term of the index that stands for this value: [a-z0-9]+, another one for every other value."""
    written = "".join(c if c in _PLAIN else f"z{ord(c):05x}" for c in value)
    if len(written) > _LONGEST:
        written = "y" + blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() + "y"
    return f"m{_LETTER[facet]}{written}"
