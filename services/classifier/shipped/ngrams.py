"""Pure. Hashed n-grams: a word -> the buckets it falls into. No vocabulary of a corpus is kept anywhere.

A bucket stands for words, pairs of neighbouring words, and runs of three to five letters inside a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
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
    of_words = [word_buckets(word) for word in (*title, *body)]
    if not of_words:
        empty = np.zeros(0, np.int32)
        return Buckets(empty, empty, np.zeros(0, np.float32))
    sizes = np.array([len(each) for each in of_words])
    paired = np.ones(len(of_words), np.int64)  # a pair belongs to its first word: the last of each field has none
    paired[[len(title) - 1, -1]] = 0
    ends = np.cumsum(sizes + paired)
    numbers = np.empty(ends[-1], np.int32)
    own = np.ones(len(numbers), bool)
    own[ends[paired > 0] - 1] = False
    numbers[own] = np.concatenate(of_words)
    numbers[~own] = [_bucket(f"{one} {other}") for field in (title, body) for one, other in pairwise(field)]
    words = np.repeat(np.arange(len(of_words), dtype=np.int32), sizes + paired)
    _, first, inverse, counts = np.unique(numbers, return_index=True, return_inverse=True, return_counts=True)
    value = np.where(words[first] < len(title), TITLE, 1.0)  # the first place of a bucket is in the title, if any
    return Buckets(numbers, words, (value / counts)[inverse].astype(np.float32))


@lru_cache(maxsize=40_000)
def word_buckets(word: str) -> Numbers:
    """The word and the runs of letters in it, its ends marked."""
    marked = f"<{word[:_LETTERS]}>"
    runs = {marked[a : a + n] for n in range(_SHORTEST, _LONGEST + 1) for a in range(len(marked) - n + 1)}
    return np.array(sorted({_bucket(f"={word}"), *map(_bucket, runs)}), np.int32)


def _bucket(written: str) -> int:
    return crc32(written.encode()) % BUCKETS
