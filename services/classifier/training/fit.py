"""Linear heads by logistic regression: no class weights, no calibration per label, unjudged cells left out."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]


def fit(rows: csr_matrix, targets: Matrix, weights: NDArray[np.float64], strength: float) -> tuple[Matrix, Matrix]:
    """Weights (columns, labels) and bias (labels). `targets` (texts, labels) are 0..1, nan where unknown.

    A graded target counts as both classes in proportion. `strength` is the inverse of the regularisation.
    """
    found = [_one(rows, targets[:, label], weights, strength) for label in range(targets.shape[1])]
    return np.stack([w for w, _ in found], axis=1), np.array([b for _, b in found])


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


def folds(groups: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """The fold of every text; texts of one group share it."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names)) % count
    fold = dict(zip(names, order, strict=True))
    return np.array([fold[group] for group in groups])
