"""Logistic regressions over words, or over vectors and perhaps beside a logit of each label that is known already.

No class weights, no calibration per label, unjudged cells left out. Over words each label is fitted by itself, by
liblinear: all at once by L-BFGS, 60 steps, took a quarter of the time and was worse on texts that it had not seen
(log loss of a text 1.10 instead of .99).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, issparse, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]

_LOOSE: Final = 30.0  # a known logit counts as if multiplied by it: its weight is hardly regularised
_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Own:
    """Per label: what the known logit counts for, weights (columns, labels), and a bias."""

    scale: Matrix
    weights: Matrix
    bias: Matrix


def fit(rows: csr_matrix | Matrix, targets: Matrix, weights: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """Weights (columns, labels) and bias (labels). `targets` (texts, labels) are 0..1, nan where unknown; a graded
    one counts as both classes in proportion. `strength` is the inverse of the regularisation."""
    if issparse(rows):
        each = [_one(rows, targets[:, label], weights, strength) for label in range(targets.shape[1])]
        return np.stack([given for given, _ in each], axis=1), np.array([bias for _, bias in each])
    known = ~np.isnan(targets)
    counts = strength * known * weights[:, None]
    found = _fitted(rows, np.where(known, targets, 0), counts, np.zeros(targets.shape))
    return found.weights, found.bias


def _one(rows: csr_matrix, target: Matrix, weights: Matrix, strength: float) -> tuple[Matrix, float]:
    yes, no = np.flatnonzero(target > 0), np.flatnonzero(target < 1)
    if not len(yes) or not len(no):  # nothing to tell apart: as likely as it was seen
        return np.zeros(rows.shape[1]), float(np.log((len(yes) + 1) / (len(no) + 1)))
    both = vstack([rows[yes], rows[no]]).tocsr()
    classes = np.r_[np.ones(len(yes)), np.zeros(len(no))]
    counts = np.r_[weights[yes] * target[yes], weights[no] * (1 - target[no])]
    model = LogisticRegression(C=strength, solver="liblinear", intercept_scaling=3.0, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(both, classes, sample_weight=counts)
    return model.coef_[0], float(model.intercept_[0])


def own_weights(together: Matrix, rows: Matrix, targets: Matrix, weights: Matrix) -> Own:
    """Begun at the logits `together` (texts, labels) as they stand: `rows` add what they lack."""
    known = ~np.isnan(targets)
    return _fitted(rows, np.where(known, targets, 0), known * weights[:, None], together)


def _fitted(rows: Matrix, targets: Matrix, counts: Matrix, together: Matrix) -> Own:
    labels, columns = targets.shape[1], rows.shape[1]
    known, read, wanted, often = (each.astype(np.float32) for each in (together, rows, targets, counts))

    def loss(given: Matrix) -> tuple[float, Matrix]:
        scale, bias, weights = _parts(given.astype(np.float32), labels, columns)
        logits = known * scale + read @ weights + bias
        lost = float((often * (np.logaddexp(0, logits) - wanted * logits)).sum(dtype=np.float64))
        lost += 0.5 * float(((scale / _LOOSE) ** 2).sum() + (weights**2).sum(dtype=np.float64))
        off = often * (1 / (1 + np.exp(-logits)) - wanted)
        slopes = ((off * known).sum(0) + scale / _LOOSE**2, off.sum(0), (read.T @ off + weights).ravel())
        return lost, np.concatenate(slopes).astype(np.float64)

    steps = {"maxiter": _STEPS, "maxcor": 20, "ftol": 1e-7}
    begin = np.concatenate([np.ones(labels), _usual(targets, counts, together), np.zeros(labels * columns)])
    found: Any = minimize(loss, begin, jac=True, method="L-BFGS-B", options=steps)
    scale, bias, weights = _parts(found.x, labels, columns)
    return Own(scale, weights, bias)


def _usual(targets: Matrix, counts: Matrix, together: Matrix) -> Matrix:
    """The bias to begin with: how likely a label is, where nothing of it is known."""
    share = ((targets * counts).sum(0) + 1) / (counts.sum(0) + 2)
    return np.where(together.any(0), 0, np.log(share / (1 - share)))


def _parts(given: Any, labels: int, columns: int) -> tuple[Any, Any, Any]:
    return given[:labels], given[labels : 2 * labels], given[2 * labels :].reshape(columns, labels)


def folds(groups: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """The fold of every text; texts of one group share it."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names)) % count
    fold = dict(zip(names, order, strict=True))
    return np.array([fold[group] for group in groups])
