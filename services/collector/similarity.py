"""Pure. Whether two entries say the same, although publisher's software gave the second another name or date.

Careful on purpose: a monthly release that differs from the last in its numbers is another release. Where in doubt,
two entries are different, because what counts as the same is held back from mail.
"""

import hashlib
import re
import zlib
from functools import cached_property
from heapq import nsmallest
from itertools import pairwise
from struct import pack
from typing import Final

from shared.text.fold import loosely

SKETCH: Final = 24  # smallest hashes that are kept; an estimate good to a tenth
MOST_WORDS: Final = 3000  # of a text, enough to tell two apart
SHORT: Final = 8  # words under which a text says nothing that could be compared
TELLING: Final = 4  # words that a title needs to stand for an entry without text
ALIKE: Final = 0.6  # share of common word pairs in two texts of the same title
AKIN: Final = 0.2  # share from which two texts have something to do with one another
SAME_TITLE: Final = 0.8  # share of common words in two titles of the same text

_WORD: Final = re.compile(r"\w+")
_MARKERS: Final = frozenset(
    "update updated korrektur korrigiert berichtigung aktualisiert aktualisierung correction corrected"
    " rectificatif erratum maj".split()
)


class Prints:
    """What an entry's words are told by: equal for the same words, whatever marks an update of the title.

    `text_key` and `sketch`, a fingerprint that `alike` compares, are empty for a text too short to tell. Each is
    made when it is first asked for: folding a text is what costs, and of an entry that is known nobody asks.
    """

    def __init__(self, title: str, text: str) -> None:
        self._title, self._text = title, text

    @cached_property
    def title_key(self) -> str:
        return _hash(" ".join(words_of_title(self._title)).encode())

    @cached_property
    def text_key(self) -> str:
        return _hash(self._written) if self._written else ""

    @cached_property
    def sketch(self) -> str:
        return _sketch(self._written) if self._written else ""

    @cached_property
    def _written(self) -> bytes:
        words = _words(self._text)
        return b"" if len(words) < SHORT else " ".join(words).encode()


def alike(first: str, second: str) -> float:
    """The estimated share of word pairs that two texts have in common, from their sketches; 0 without one."""
    ours, theirs = _values(first), _values(second)
    union = nsmallest(SKETCH, ours | theirs)
    return len(ours & theirs & set(union)) / len(union) if ours and theirs else 0.0


def similar_titles(first: str, second: str) -> bool:
    """Whether two titles over the same text are variants of one; other numbers make another title."""
    ours, theirs = set(words_of_title(first)), set(words_of_title(second))
    numbers = {word for word in ours ^ theirs if any(map(str.isdigit, word))}
    return not numbers and len(ours & theirs) >= SAME_TITLE * max(1, len(ours | theirs))


def akin(first: str, second: str) -> bool:
    """Whether two titles have a third of their words in common."""
    ours, theirs = set(words_of_title(first)), set(words_of_title(second))
    return len(ours & theirs) >= max(1, len(ours | theirs)) / 3


def words_of_title(title: str) -> list[str]:
    """The words that tell a title from another: without what marks an update."""
    words = _words(title)
    return [word for word in words if word not in _MARKERS] or words


def _words(text: str) -> list[str]:
    return _WORD.findall(loosely(text[: MOST_WORDS * 10]))[:MOST_WORDS]


def _sketch(words: bytes) -> str:
    """The smallest of the checksums of all pairs `first second`; a space stands between two words."""
    pairs = set(map(zlib.crc32, map(b" ".join, pairwise(words.split(b" ")))))
    smallest = sorted(pairs)[:SKETCH]
    return pack(f">{len(smallest)}I", *smallest).hex()


def _values(fingerprint: str) -> set[int]:
    return {int(fingerprint[at : at + 8], 16) for at in range(0, len(fingerprint), 8)}


def _hash(words: bytes) -> str:
    return hashlib.sha256(words).hexdigest()[:32]
