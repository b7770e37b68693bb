"""Weighs the parts of the model against each other on texts that none of them has seen; chooses a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.classifier.labels import labels
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, THRESHOLD
from services.classifier.training.fit import Matrix, folds, own_weights
from services.classifier.training.material import AI, WRITTEN_KIND
from services.classifier.training.unseen import Texts

FEWEST: Final = 50  # texts that have a label: weights of its own over the vectors from fewer would destroy it
DRAWS: Final = (3, 4, 5)  # of the folds on which the threshold is chosen
_FOLDS: Final = 5
_CUTS: Final = np.arange(0.25, 0.66, 0.01)  # thresholds that are tried
_AS_GOOD: Final = 0.003  # of F1: among thresholds that are so close to the best, the highest is silent most often
THEMES: Final = tuple(n for n, label in enumerate(labels()) if label not in (AI, SOVEREIGNTY, FRANCO_GERMAN))


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
    """Per label: what the heads over words and over meaning count for, the encoder's weights, those over meaning
    besides, and a bias."""

    words: Matrix
    meaning: Matrix
    encoder: Matrix
    meant: Matrix
    bias: Matrix

    def logits(self, said: Said) -> Matrix:
        of_heads = said.words * self.words + said.meaning * self.meaning
        found: Matrix = of_heads + said.vectors @ self.encoder.T + said.meant @ self.meant.T + self.bias
        return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """The score that becomes the threshold of the themes; at it, crossed, the mean of the micro F1 of each kind of
    text, and the share of the texts without any theme that stay empty."""

    cut: float
    f1: float
    empty: float


def weighed(said: Said, known: Matrix, unseen: Texts) -> tuple[Weighed, Chosen]:
    """Weighs heads over words and meaning against the encoder's `known` weights (labels, width). The threshold,
    which the bias then holds, is chosen on texts that the weights have not seen, of several draws of folds."""
    kinds, truth = (np.concatenate([each] * len(DRAWS)) for each in (unseen.kinds, unseen.targets >= THRESHOLD))
    logits, usual = np.concatenate([crossed(said, known, unseen, draw) for draw in DRAWS]), kinds != WRITTEN_KIND
    chosen = chosen_cut(logits[usual][:, THEMES], truth[usual][:, THEMES], kinds[usual])
    found = _weigh(said, known, unseen.targets, unseen.weights)
    shift = np.where(np.array(labels()) == SOVEREIGNTY, 0, np.log(chosen.cut / (1 - chosen.cut)))
    return replace(found, bias=found.bias - shift), chosen


def crossed(said: Said, known: Matrix, unseen: Texts, draw: int) -> Matrix:
    """The logits of the unseen texts, each by weights that were found without its fold."""
    fold, logits = folds(unseen.groups, _FOLDS, draw), np.zeros(unseen.targets.shape)
    for number in range(_FOLDS):
        left, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        found = _weigh(said.rows(left), known, unseen.targets[left], unseen.weights[left])
        logits[asked] = found.logits(said.rows(asked))
    return logits


def chosen_cut(logits: Matrix, truth: NDArray[np.bool_], kinds: NDArray[np.str_]) -> Chosen:
    """F1 is the mean over kinds of text, of which none shall pay for another; of the scores within a little of the
    best it is the highest. `logits` and `truth` hold themes alone."""
    scores, none = 1 / (1 + np.exp(-logits)), ~truth.any(1)
    figures = {
        float(cut): float(np.mean([_f1(scores[kinds == k] >= cut, truth[kinds == k]) for k in np.unique(kinds)]))
        for cut in _CUTS
    }
    cut = max(cut for cut, f1 in figures.items() if f1 >= max(figures.values()) - _AS_GOOD)
    empty = float((scores[none] < cut).all(1).mean()) if none.any() else 1.0
    return Chosen(cut, figures[cut], empty)


def _f1(given: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float(2 * (given & truth).sum() / max(1, given.sum() + truth.sum()))


def _weigh(said: Said, known: Matrix, targets: Matrix, weights: Matrix) -> Weighed:
    """Three numbers say what each part counts for, the same for all; then each label gets weights of its own over
    both vectors, in so far as it needs others and enough texts have it."""
    of_encoder = said.vectors @ known.T
    parts = (said.words, said.meaning, of_encoder)
    words, meaning, encoder, bias = _together(parts, targets, weights)
    together = words * said.words + meaning * said.meaning + encoder * of_encoder + bias
    enough = np.flatnonzero((targets >= THRESHOLD).sum(0) >= FEWEST)
    size, width, across = len(known), known.shape[1], said.meant.shape[1]
    scale, added, over = np.ones(size), np.zeros(size), np.zeros((size, width + across))
    rows = np.hstack([said.vectors, said.meant])
    own = own_weights(together[:, enough], rows, targets[:, enough], weights)
    scale[enough], added[enough], over[enough] = own.scale, own.bias, own.weights.T
    return Weighed(
        words=scale * words,
        meaning=scale * meaning,
        encoder=scale[:, None] * encoder * known + over[:, :width],
        meant=over[:, width:],
        bias=scale * bias + added,
    )


def _together(
    parts: Sequence[Matrix], targets: Matrix, weights: Matrix
) -> tuple[np.float64, np.float64, np.float64, Matrix]:
    """What the parts count for, and a bias of every label."""
    cells = ~np.isnan(targets)
    which = np.broadcast_to(np.eye(targets.shape[1]), (*targets.shape, targets.shape[1]))[cells]
    rows = np.hstack([np.stack([part[cells] for part in parts], axis=1), which])
    counts, given = np.broadcast_to(weights[:, None], targets.shape)[cells], targets[cells] >= THRESHOLD
    found = LogisticRegression(C=1.0, max_iter=500, solver="newton-cholesky").fit(
        rows, given, sample_weight=counts
    )
    words, meaning, encoder = found.coef_[0, :3]
    return words, meaning, encoder, found.coef_[0, 3:] + found.intercept_[0]
