"""Weighs the parts of the model against each other on texts that none of them has seen; chooses a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from services.classifier.labels import labels
from services.classifier.model import THRESHOLD
from services.classifier.training import material
from services.classifier.training.features import Prepared
from services.classifier.training.fit import folds
from services.classifier.training.material import Example
from services.classifier.training.own import own_weights
from services.classifier.training.stack import APART, Matrix, chosen_cut

FEWEST: Final = 50  # texts that have a theme: weights and biases of its own from fewer would destroy it
DRAWS: Final = (3, 4, 5)  # of the folds on which the threshold is chosen
THEMES: Final = tuple(n for n, label in enumerate(labels()) if label not in APART)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that the encoder has not seen, labelled in their own words: their places among all,
    groups, and kinds of text."""

    places: np.ndarray
    groups: Sequence[str]
    kinds: np.ndarray

    @classmethod
    def of(cls, prepared: Prepared) -> "Texts":
        both = zip(prepared.examples, prepared.held_out, strict=True)
        found = [n for n, (each, held) in enumerate(both) if _is_unseen(each, held)]
        kinds = np.array([prepared.examples[n].kind for n in found])
        return cls(np.array(found), [prepared.groups[n] for n in found], kinds)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the unseen texts: logits of heads over words and over meaning (texts, labels), and the
    vectors of the encoder and of meaning themselves."""

    words: Matrix
    meaning: Matrix
    vectors: Matrix
    meant: Matrix

    def rows(self, places: np.ndarray) -> "Said":
        return Said(*(each[places] for each in (self.words, self.meaning, self.vectors, self.meant)))


@dataclass(frozen=True, slots=True)
class Weighed:
    """Per theme of `columns` (places among the labels): what the heads over words and over meaning count for, the
    encoder's weights, those over meaning besides, and a bias that holds the threshold. `cut` is the score that
    became it; at it, crossed, `f1` is the mean of the micro F1 of each kind of text and `empty` the share of the
    texts without any theme that stay empty."""

    columns: tuple[int, ...]
    words: Matrix
    meaning: Matrix
    encoder: Matrix
    meant: Matrix
    bias: Matrix
    cut: float
    f1: float
    empty: float

    def logits(self, said: Said) -> Matrix:
        """Of the themes of `columns`."""
        of_heads = said.words * self.words + said.meaning * self.meaning
        found: Matrix = of_heads + said.vectors @ self.encoder.T + said.meant @ self.meant.T + self.bias
        return found


def themes_of(truth: np.ndarray) -> tuple[int, ...]:
    """The themes that enough texts have."""
    return tuple(theme for theme in THEMES if truth[:, theme].sum() >= FEWEST)


def _is_unseen(example: Example, held_out: bool) -> bool:
    return example.real and (example.corpus in material.AFTER_ENCODER or (held_out and example.corpus == "real"))


def weighed(said: Said, known: Matrix, truth: np.ndarray, unseen: Texts) -> Weighed:
    """Weighs heads over words and meaning (texts, labels) against the encoder's `known` weights (labels, width);
    the threshold is chosen on folds, of several draws."""
    columns = themes_of(truth)
    own = list(columns)
    said = replace(said, words=said.words[:, own], meaning=said.meaning[:, own])
    known, truth = known[own], truth[:, own]
    every = []
    for draw in DRAWS:
        fold, logits = folds(unseen.groups, 5, draw), np.zeros(truth.shape)
        for number in range(5):
            left, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            logits[asked] = _weigh(said.rows(left), known, truth[left]).logits(said.rows(asked))
        every.append(logits)
    times = len(DRAWS)
    kinds = np.tile(unseen.kinds, times)
    cut, f1, empty = chosen_cut(np.concatenate(every), np.concatenate([truth] * times), kinds)
    found = _weigh(said, known, truth)
    return replace(found, columns=columns, bias=found.bias - np.log(cut / (1 - cut)), cut=cut, f1=f1, empty=empty)


def _weigh(said: Said, known: Matrix, truth: np.ndarray) -> Weighed:
    of_encoder = said.vectors @ known.T
    parts = (said.words, said.meaning, of_encoder)
    themes = np.tile(np.eye(truth.shape[1]), (len(truth), 1))
    joint = LogisticRegression(C=1.0, max_iter=500)
    joint.fit(np.hstack([*(each.reshape(-1, 1) for each in parts), themes]), truth.ravel().astype(int))
    words, meaning, encoder = joint.coef_[0, :3]
    bias = joint.coef_[0, 3:] + joint.intercept_[0]
    together = words * said.words + meaning * said.meaning + encoder * of_encoder + bias
    own = own_weights(together, np.hstack([said.vectors, said.meant]), truth)
    over_encoder, over_meaning = np.split(own.weights.T, [known.shape[1]], axis=1)
    return Weighed(
        columns=(),
        words=own.scale * words,
        meaning=own.scale * meaning,
        encoder=own.scale[:, None] * encoder * known + over_encoder,
        meant=over_meaning,
        bias=own.scale * bias + own.bias,
        cut=THRESHOLD,
        f1=0.0,
        empty=0.0,
    )
