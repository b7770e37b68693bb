"""Pure. The linear heads over what was read of a text: logits, and what every word contributed to them.

A label's logit is the sum of a bias, of its lexicon evidence, of its hashed n-grams, of the encoder's pooled
vector, and of the mean of what its sentences mean: exactly additive, so that the contributions of the words and
the base add up to it. The part of a token's vector speaks of the token in its context ("passage influence"), not
of the word alone; that of a sentence is shared out among its words.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.lexicon.evidence import Contribution, Part, total
from services.classifier.shipped.ngrams import Buckets

_LEAST: Final = 0.3  # evidence below that says as little as none
_MOST: Final = 3.0

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights per label, in the order of `labels`. L labels, W numbers of a pooled vector, M of a
    meaning, B buckets.

    `encoder` (L, W); `mean` (W), the average pooled vector, from which a token's part is counted; `meaning` (L, M)
    and `usual` (M), the same of the sentences; `lexicon` (L, L); `ngrams` (B, L), times the bucket's weight;
    `rarity` (B), the bucket's weight; `bias` (L).
    """

    labels: tuple[str, ...]
    encoder: Matrix
    mean: Matrix
    meaning: Matrix
    usual: Matrix
    lexicon: Matrix
    ngrams: NDArray[np.float16]
    rarity: NDArray[np.float16]
    bias: Matrix


def lexicon_features(findings: Mapping[str, Sequence[Contribution]], labels: Sequence[str]) -> Matrix:
    """The logarithm of the evidence per label, within limits; 0 is the lexicon's own threshold."""
    return np.array([feature(total(findings.get(label, ()))) for label in labels], np.float32)


def feature(evidence: float) -> float:
    """One label's feature."""
    return math.log(min(max(evidence, _LEAST), _MOST))


def ngram_logits(heads: Heads, found: Buckets) -> Matrix:
    """What the n-grams add, shape (L,)."""
    says: Matrix = _ngram_shares(heads, found).sum(0)
    return says


def ngrams_by_word(heads: Heads, found: Buckets, words: int) -> Matrix:
    """The same by word, shape (words, L)."""
    by_word = np.zeros((words, len(heads.labels)), np.float32)
    np.add.at(by_word, found.words, _ngram_shares(heads, found))
    return by_word


def _ngram_shares(heads: Heads, found: Buckets) -> Matrix:
    """Per place of a bucket, shape (places, L)."""
    if not len(found.numbers):
        return np.zeros((1, len(heads.labels)), np.float32)[:0]
    weights = heads.ngrams[found.numbers].astype(np.float32)
    return weights * (found.shares / length(found, heads.rarity))[:, None]


def length(found: Buckets, rarity: NDArray[np.float16]) -> float:
    """The Euclidean length of a text's weighted buckets, by which they are divided; 1 for a text without any."""
    numbers, inverse = np.unique(found.numbers, return_inverse=True)
    values = np.bincount(inverse, found.shares) * rarity[numbers].astype(np.float64)
    return float(np.sqrt((values**2).sum())) or 1.0


def lexicon_by_word(
    heads: Heads, findings: Mapping[str, Sequence[Contribution]], title: Part, words: int
) -> Matrix:
    """What the lexicon adds above what it would without any evidence, by word, shape (words, L).

    A feature's amount is shared out by what each term added to the evidence; words of the body are numbered after
    those of the title.
    """
    by_word = np.zeros((words, len(heads.labels)), np.float32)
    for number, label in enumerate(heads.labels):
        found = findings.get(label, ())
        evidence = total(found)
        above = feature(evidence) - math.log(_LEAST)
        if above <= 0:
            continue
        for each in found:
            places = _places(each, title)
            by_word[places] += heads.lexicon[:, number] * (above * each.amount / evidence / len(places))
    return by_word


def _places(found: Contribution, title: Part) -> list[int]:
    """The words of every place where the term stands."""
    offset = 0 if found.part is title else len(title.words)
    return [offset + word for hit in (found.hit, *found.again) for word in range(hit.first, hit.last + 1)]


def encoder_by_token(heads: Heads, vectors: Matrix) -> Matrix:
    """What the tokens add beyond the average text, shape (tokens, L), for token vectors (tokens, W)."""
    size = float(np.linalg.norm(vectors.mean(0))) or 1.0
    return np.asarray((vectors / size - heads.mean) @ heads.encoder.T / len(vectors), np.float32)


def meaning_by_sentence(heads: Heads, vectors: Matrix) -> Matrix:
    """What the sentences (sentences, M) add beyond the usual text, shape (sentences, L)."""
    return np.asarray((vectors - heads.usual) @ heads.meaning.T / max(1, len(vectors)), np.float32)


def pooled(vectors: Matrix) -> Matrix:
    """The mean of the token vectors, scaled to length 1."""
    mean = vectors.mean(0)
    return np.asarray(mean / (float(np.linalg.norm(mean)) or 1.0), np.float32)


def probabilities(logits: Matrix) -> Matrix:
    """Logits as scores 0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
