"""Pure. Which items tell the same story: the same release in several places, word for word or nearly.

Two steps: `keys` names what the store looks candidates up by, `same_story` judges a candidate. A wrong merge
suppresses a mail and a missed one doubles it, so what proves little (short titles, short texts, a series of one
source under one title) does not count.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from struct import unpack
from typing import Final, Self

from services.archivist.figures import Figures, figures
from services.archivist.opposed import Stand, stand
from shared.items import CollectedItem
from shared.text.fold import loosely, name_key

LOOK_BACK: Final = timedelta(hours=72)  # between the two publications, else between first sights

_TITLE_WORDS, _TITLE_CHARACTERS = 5, 30  # "Pressemitteilung" and "Newsletter März" name no event
_TEXT_WORDS: Final = 25  # from here on, the same text at two sources is no coincidence
_TOGETHER: Final = 8  # words of title and text, likewise; "Pressemitteilung: mehr lesen" says less
_BOILERPLATE: Final = 100  # words; one source may repeat its description of itself under many titles
_NEAR_WORDS: Final = 60  # shorter texts have too few shingles to be compared by them
_NEAR: Final = 0.8  # share of common shingles that makes texts nearly identical
_SHINGLE: Final = 5  # words
_MEASURED: Final = 2_000  # words of a text that shingles are taken from: enough to tell, bounded in time
_SKETCH: Final = 4  # smallest shingles: of two texts 80 % alike, all four differ once in 600 pairs

_LEAD: Final = 1_500  # letters that figures are taken from, as meaning is

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """An item as grouping sees it; `bodies` are the keys of those that it names. Not slotted: what is computed
    from it is kept.
    """

    source: str
    title: str
    text: str
    language: str = ""
    bodies: frozenset[str] = frozenset()

    @classmethod
    def of(cls, item: CollectedItem, language: str = "", organisations: Collection[str] = ()) -> Self:
        return cls(item.source, item.title, item.body(), language, frozenset(map(name_key, organisations)))

    @cached_property
    def headline(self) -> str:
        return " ".join(_WORD.findall(loosely(self.title)))

    @cached_property
    def words(self) -> Sequence[str]:
        return _WORD.findall(loosely(self.text))

    @cached_property
    def wording(self) -> int:
        """The whole text, as a number that tells it from any other."""
        return _hash("text", " ".join(self.words))

    @cached_property
    def shingles(self) -> frozenset[int]:
        words = [word.encode() for word in self.words[:_MEASURED]]
        rows = (b" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
        digests = [blake2b(b"shingle:" + row, digest_size=8).digest() for row in rows]  # `_hash` of each
        return frozenset(unpack(f">{len(digests)}q", b"".join(digests)))

    @cached_property
    def figures(self) -> Figures:
        """Those of title and lead."""
        return figures(f"{self.title}\n{self.text[:_LEAD]}", self.language)

    @cached_property
    def stand(self) -> Stand:
        return stand(self.title)

    @property
    def has_distinctive_title(self) -> bool:
        return self.headline.count(" ") + 1 >= _TITLE_WORDS and len(self.headline) >= _TITLE_CHARACTERS

    @property
    def has_much_text(self) -> bool:
        return len(self.words) >= _TEXT_WORDS

    @property
    def says_enough(self) -> bool:
        return bool(self.words) and self.headline.count(" ") + 1 + len(self.words) >= _TOGETHER


def keys(piece: Piece) -> frozenset[int]:
    """What items of the same story have at least one of in common. Fits a signed 64-bit column."""
    found = set()
    if piece.has_distinctive_title:
        found.add(_hash("title", piece.headline))
    if piece.says_enough and not piece.has_much_text:  # then those of the same text meet by it
        found.add(_hash("both", f"{piece.headline}\n{piece.wording}"))
    if piece.has_much_text:
        found.add(piece.wording)
    if len(piece.words) >= _NEAR_WORDS:
        found.update(sorted(piece.shingles)[:_SKETCH])
    return frozenset(found)


def same_story(one: Piece, other: Piece) -> bool:
    """Whether the two report the same release."""
    same_title = one.headline == other.headline
    same_text = one.wording == other.wording
    if one.source == other.source:
        if same_title:
            return (one.has_distinctive_title or one.has_much_text) and (same_text or _near(one, other))
        return same_text and len(one.words) >= _BOILERPLATE
    if same_title and (one.has_distinctive_title or (same_text and one.says_enough)):
        return True
    return (same_text and one.has_much_text) or _near(one, other)


def _near(one: Piece, other: Piece) -> bool:
    if min(len(one.words), len(other.words)) < _NEAR_WORDS:
        return False
    common = len(one.shingles & other.shingles)
    return common >= _NEAR * (len(one.shingles) + len(other.shingles) - common)


def _hash(kind: str, text: str) -> int:
    return int.from_bytes(blake2b(f"{kind}:{text}".encode(), digest_size=8).digest(), "big", signed=True)
