"""Pure. How well scores order items: average precision and Spearman's rank correlation, for many draws at once.

In each draw every item has a weight (how often its publication was drawn), one row of `weights` per draw. Items of
equal score share a place.
"""

from dataclasses import dataclass

import numpy as np

from services.classifier.evaluation.draws import Floats, Ints


@dataclass(frozen=True, slots=True)
class Ranking:
    """Degrees 0..1 as labelled and as said, and the number of each item's publication, in one scope."""

    lang: str
    labelled: Floats
    said: Floats
    groups: Ints


def average_precision(ranking: Ranking, weights: Floats, holds: float = 0.5) -> Floats:
    """Per draw: precision at each place of an item labelled `holds` or more, averaged; NaN without one."""
    order = np.argsort(-ranking.said, kind="stable")
    starts = _starts(ranking.said[order])
    ordered = weights[:, order]
    positive = np.add.reduceat(ordered * (ranking.labelled[order] >= holds), starts, axis=1)
    found, seen = np.cumsum(positive, axis=1), np.cumsum(np.add.reduceat(ordered, starts, axis=1), axis=1)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return _ratio(np.sum(positive * precision, axis=1), found[:, -1])


def spearman(ranking: Ranking, weights: Floats) -> Floats:
    """Per draw: correlation of the ranks, in -1..1; NaN where one side is all the same."""
    labelled, said = _ranks(ranking.labelled, weights), _ranks(ranking.said, weights)
    total = np.sum(weights, axis=1, keepdims=True)
    a, b = (
        side - np.sum(weights * side, axis=1, keepdims=True) / np.maximum(total, 1) for side in (labelled, said)
    )
    spread = np.sqrt(np.sum(weights * a * a, axis=1) * np.sum(weights * b * b, axis=1))
    return _ratio(np.sum(weights * a * b, axis=1), spread)


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Middle ranks of the drawn items, per draw; those of one value share the middle of their places."""
    _, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    masses = np.add.reduceat(weights[:, order], _starts(values[order]), axis=1)
    middles: Floats = np.cumsum(masses, axis=1) - masses / 2
    return middles[:, place]


def _starts(ordered: Floats) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    exists = denominator > 1e-12
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=exists)
