"""Pure. Text into the pieces that the encoder knows: for each word the row of pieces that is likeliest in all.

The rule of unigram models (SentencePiece's): every piece has a score, and the row with the highest sum wins. Words
are cut one by one, since no piece reaches over a space, and those that come again are remembered.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

UNKNOWN, BEGINS, ENDS = 0, 1, 2  # the numbers of the pieces that stand for no letters
SPACE: Final = "\u2581"  # begins every word
LONGEST: Final = 256  # pieces of a text that are read
_LETTERS: Final = 4_000  # of a text that are looked at
_WORD: Final = 60  # letters of a word: what is longer is cut there
_REMEMBERED: Final = 8_192  # words
_NEVER: Final = -1e30
_HIDDEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), None)


class Cutter:
    """Knows the pieces and their scores; the first three stand for no letters. Thread-safe."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(pieces)}
        self._scores = scores
        self._longest = max(map(len, pieces))
        self._unknown = float(min(scores)) - 10
        self._cut = lru_cache(_REMEMBERED)(self._likeliest)

    def cut(self, text: str) -> list[int]:
        """The numbers of the text's pieces, between the signs for its beginning and its end."""
        found: list[int] = []
        for word in unicodedata.normalize("NFKC", text[:_LETTERS]).translate(_HIDDEN).split():
            for start in range(0, len(word), _WORD):
                found += self._cut(word[start : start + _WORD] if start else SPACE + word[:_WORD])
            if len(found) >= LONGEST:
                break
        return [BEGINS, *(found[:LONGEST] or [UNKNOWN]), ENDS]

    def _likeliest(self, word: str) -> tuple[int, ...]:
        best = [0.0] + [_NEVER] * len(word)  # by where a row of pieces ends
        last = [(0, UNKNOWN)] * (len(word) + 1)  # where its last piece begins, and which it is
        for start in range(len(word)):
            self._go_on(word, start, best, last)
        found = []
        end = len(word)
        while end:
            end, number = last[end]
            found.append(number)
        return tuple(reversed(found))

    def _go_on(self, word: str, start: int, best: list[float], last: list[tuple[int, int]]) -> None:
        """The rows that end at `start`, with every piece that begins there; a letter of no piece is unknown."""
        for end in range(start + 1, min(len(word), start + self._longest) + 1):
            number = self._numbers.get(word[start:end])
            if number is None and end > start + 1:
                continue
            score = best[start] + (self._unknown if number is None else float(self._scores[number]))
            if score > best[end]:
                best[end], last[end] = score, (start, UNKNOWN if number is None else number)
