"""The parts of the model weighed against each other on publications that none of them has seen.

Two sets of heads: over lexicon evidence with hashed n-grams, and over the tuned encoder. Two numbers say how much
each counts, and one where the threshold lies, for all labels together: a label with few positives would be
destroyed by a fit of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from services.classifier.labels import labels
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, THRESHOLD
from services.classifier.shipped.heads import Heads
from services.classifier.training.features import Features, Prepared, rarity, weighted
from services.classifier.training.fit import fit
from services.classifier.training.material import AI, Example
from shared.meaning.network import WIDTH

if TYPE_CHECKING:
    from services.classifier.training.tune import Head

STRENGTH: Final = 4.0  # inverse regularisation of the heads over words
_CUTS: Final = np.arange(0.25, 0.66, 0.01)  # thresholds that are tried
APART: Final = (AI, SOVEREIGNTY, FRANCO_GERMAN)  # labels that the threshold is not chosen for
_AS_GOOD: Final = 0.003  # of F1: among thresholds that are so close to the best, the highest is silent most often

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stack:
    """The heads, what each part counts for, the scores that were made the threshold of the themes and of the
    Franco-German flag, and the held-out micro F1 of the parts alone and together at their best score."""

    heads: Heads
    words: float
    encoder: float
    cut: float
    flag_cut: float
    held_out: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OverWords:
    """Heads over lexicon features and weighted n-grams: weights (labels + buckets, labels), bias (labels)."""

    weights: Matrix
    bias: Matrix
    rarity: NDArray[np.float16]

    def logits(self, read: Features) -> Matrix:
        found: Matrix = joined_features(read, self.rarity) @ self.weights + self.bias
        return found


def stacked(prepared: Prepared, pooled: NDArray[np.float32], head: "Head") -> Stack:
    """Fits the heads over words on the seen texts, weighs the parts on the held-out ones, then refits on all."""
    held = np.flatnonzero(prepared.held_out)
    seen = np.flatnonzero(~np.array(prepared.held_out))
    examples, targets = prepared.examples, targets_of(prepared.examples)
    weights = np.array([each.weight for each in examples])
    of_encoder = pooled @ head.weights.numpy().T + head.bias.numpy()
    first = _fit(prepared.features.rows(seen), targets[seen], weights[seen])
    of_words = first.logits(prepared.features.rows(held))
    counts = _balance(of_words, of_encoder[held], targets[held], weights[held])
    both = counts[0] * of_words + counts[1] * of_encoder[held] + counts[2]
    real = held[[examples[int(n)].real for n in held]]
    rows = np.searchsorted(held, real)
    parts = {"words": of_words[rows], "encoder": of_encoder[real], "both": both[rows]}
    cuts = {part: _cut(logits, targets[real]) for part, logits in parts.items()}
    figures = {part: _f1_at(logits, targets[real], cuts[part]) for part, logits in parts.items()}
    cut = _cut(parts["both"], targets[real], _AS_GOOD)
    final = over_words(prepared)
    heads = _heads(final, head, pooled[seen].mean(0), counts, _shift(cut, cuts["both"]))
    return Stack(heads, counts[0], counts[1], cut, cuts["both"], figures)


def over_words(prepared: Prepared) -> OverWords:
    """The heads over words, fitted on all texts."""
    weights = np.array([each.weight for each in prepared.examples])
    return _fit(prepared.features, targets_of(prepared.examples), weights)


def _fit(read: Features, targets: Matrix, weights: Matrix) -> OverWords:
    rare = rarity(read.shares)
    found, bias = fit(joined_features(read, rare), targets, weights, STRENGTH)
    return OverWords(found, bias, rare)


def joined_features(read: Features, rare: NDArray[np.float16] | None = None) -> csr_matrix:
    """Lexicon and weighted n-grams side by side, as heads over words read them."""
    rare = rarity(read.shares) if rare is None else rare
    return hstack([csr_matrix(read.lexicon), weighted(read.shares, rare)]).tocsr()


def targets_of(examples: Sequence[Example]) -> Matrix:
    """Texts by labels; NaN where nobody judged."""
    return np.array([[each.labels.get(label, np.nan) for label in labels()] for each in examples])


def _balance(words: Matrix, encoder: Matrix, targets: Matrix, weights: Matrix) -> tuple[float, float, float]:
    """What the two logits count for, and a bias, by logistic regression over all cells that somebody judged."""
    known = ~np.isnan(targets)
    pairs = np.stack([words[known], encoder[known]], axis=1)
    given, counts = targets[known], np.broadcast_to(weights[:, None], targets.shape)[known]
    model = LogisticRegression(C=100.0)
    model.fit(
        np.concatenate([pairs, pairs]),
        np.r_[np.ones(len(given)), np.zeros(len(given))],
        sample_weight=np.r_[counts * given, counts * (1 - given)],
    )
    return float(model.coef_[0, 0]), float(model.coef_[0, 1]), float(model.intercept_[0])


def _cut(logits: Matrix, targets: Matrix, as_good: float = 0.0) -> float:
    """The highest score from which on giving a theme has a micro F1 within `as_good` of the best."""
    figures = [_f1_at(logits, targets, cut) for cut in _CUTS]
    return float(max(cut for cut, f1 in zip(_CUTS, figures, strict=True) if f1 >= max(figures) - as_good))


def chosen_cut(logits: Matrix, truth: NDArray[np.bool_], kinds: NDArray[np.str_]) -> tuple[float, float, float]:
    """The score that becomes the threshold, the micro F1 at it, and the share of the texts without any theme that
    stay empty. F1 is the mean over kinds of text, of which none shall pay for another; of the scores within a
    little of the best it is the highest. `logits` and `truth` hold themes alone."""
    scores, none = 1 / (1 + np.exp(-logits)), ~truth.any(1)
    figures = {
        float(cut): float(np.mean([_f1(scores[kinds == k] >= cut, truth[kinds == k]) for k in np.unique(kinds)]))
        for cut in _CUTS
    }
    cut = max(cut for cut, f1 in figures.items() if f1 >= max(figures.values()) - _AS_GOOD)
    empty = float((scores[none] < cut).all(1).mean()) if none.any() else 1.0
    return cut, figures[cut], empty


def _f1_at(logits: Matrix, targets: Matrix, cut: float) -> float:
    columns = [n for n, label in enumerate(labels()) if label not in APART]
    return _f1(1 / (1 + np.exp(-logits[:, columns])) >= cut, targets[:, columns] >= THRESHOLD)


def _f1(given: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float(2 * (given & truth).sum() / max(1, given.sum() + truth.sum()))


def _shift(cut: float, flag_cut: float) -> NDArray[np.float32]:
    """What is added to the logits so that the chosen scores become `THRESHOLD`; sovereignty stays a degree."""
    cuts = {SOVEREIGNTY: THRESHOLD, FRANCO_GERMAN: flag_cut}
    chosen = np.array([cuts.get(label, cut) for label in labels()])
    return -np.log(chosen / (1 - chosen)).astype(np.float32)  # type: ignore[no-any-return]


def _heads(
    words: OverWords,
    head: "Head",
    mean: NDArray[np.float32],
    counts: tuple[float, float, float],
    shift: NDArray[np.float32],
) -> Heads:
    size = len(labels())
    ngrams = counts[0] * words.weights[size:] * words.rarity[:, None].astype(np.float64)
    bias = counts[0] * words.bias + counts[1] * head.bias.numpy() + counts[2] + shift
    return Heads(
        labels=labels(),
        encoder=(counts[1] * head.weights.numpy()).astype(np.float32),
        mean=mean.astype(np.float32),
        meaning=np.zeros((size, WIDTH), np.float32),  # until the heads are fitted again
        usual=np.zeros(WIDTH, np.float32),
        lexicon=(counts[0] * words.weights[:size].T).astype(np.float32),
        ngrams=ngrams.astype(np.float16),
        rarity=words.rarity,
        bias=bias.astype(np.float32),
    )
