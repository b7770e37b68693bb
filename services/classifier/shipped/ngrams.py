"""Pure. Hashed n-grams: a word -> the buckets it falls into. No vocabulary of a corpus is kept anywhere.

A bucket stands for words, pairs of neighbouring words, and runs of three to five letters inside a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 2**18
TITLE: Final = 1.6  # what a bucket of the title counts for beside one of the body
_SHORTEST, _LONGEST = 3, 5  # letters of a run
_LETTERS: Final = 40  # of a word that are cut into runs

Numbers = NDArray[np.int32]
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of a text, once per place: number, number of the word it belongs to, share of the bucket.

    Shares of the same bucket add up to `TITLE` where the title has it, to 1 elsewhere.
    """

    numbers: Numbers
    words: Numbers
    shares: Values


def buckets(title: Sequence[str], body: Sequence[str]) -> Buckets:
    """Of a text given as folded words; the words are numbered through title and body."""
    found = [*_field(title), *_field(body)]
    if not found:
        empty = np.zeros(0, np.int32)
        return Buckets(empty, empty, np.zeros(0, np.float32))
    numbers = np.concatenate(found)
    words = np.repeat(np.arange(len(found), dtype=np.int32), [len(each) for each in found])
    _, first, inverse, counts = np.unique(numbers, return_index=True, return_inverse=True, return_counts=True)
    value = np.where(words[first] < len(title), TITLE, 1.0)  # the first place of a bucket is in the title, if any
    return Buckets(numbers, words, (value / counts)[inverse].astype(np.float32))


def _field(words: Sequence[str]) -> list[Numbers]:
    """One array per word; a pair belongs to its first word."""
    return [
        np.append(word_buckets(word), _bucket(f"{word} {words[n + 1]}"))
        if n + 1 < len(words)
        else word_buckets(word)
        for n, word in enumerate(words)
    ]


@lru_cache(maxsize=40_000)
def word_buckets(word: str) -> Numbers:
    """The word and the runs of letters in it, its ends marked."""
    marked = f"<{word[:_LETTERS]}>"
    runs = {marked[a : a + n] for n in range(_SHORTEST, _LONGEST + 1) for a in range(len(marked) - n + 1)}
    return np.array(sorted({_bucket(f"={word}"), *map(_bucket, runs)}), np.int32)


def _bucket(written: str) -> int:
    return crc32(written.encode()) % BUCKETS
