"""Logistic regressions over dense vectors, those of all themes at once; perhaps beside a logit they all share."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Matrix = NDArray[np.float64]

_LOOSE: Final = 30.0  # the shared logit counts as if multiplied by it: its weight is hardly regularised
_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Own:
    """Per theme: what the shared logit counts for, weights (columns, themes), and a bias."""

    scale: Matrix
    weights: Matrix
    bias: Matrix


def fit_dense(rows: Matrix, targets: Matrix, weights: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """As `fit`, of vectors: weights (columns, labels) and bias (labels)."""
    known = ~np.isnan(targets)
    found = _fitted(
        rows, np.where(known, targets, 0), strength * known * weights[:, None], np.zeros(targets.shape)
    )
    return found.weights, found.bias


def own_weights(together: Matrix, rows: Matrix, truth: NDArray[np.bool_]) -> Own:
    """Begun at the logit `together` (texts, themes) as it stands: `rows` add what it lacks."""
    return _fitted(rows, truth.astype(np.float64), np.ones(truth.shape), together)


def _fitted(rows: Matrix, targets: Matrix, counts: Matrix, together: Matrix) -> Own:
    themes, columns = targets.shape[1], rows.shape[1]
    shared, read, wanted, often = (each.astype(np.float32) for each in (together, rows, targets, counts))

    def loss(given: Matrix) -> tuple[float, Matrix]:
        scale, bias, weights = _parts(given, themes, columns)
        logits = shared * scale.astype(np.float32) + read @ weights.astype(np.float32) + bias.astype(np.float32)
        lost = float((often * (np.logaddexp(0, logits) - wanted * logits)).sum(dtype=np.float64))
        lost += 0.5 * float(((scale / _LOOSE) ** 2).sum() + (weights**2).sum())
        off = often * (1 / (1 + np.exp(-logits)) - wanted)
        slopes = ((off * shared).sum(0) + scale / _LOOSE**2, off.sum(0), (read.T @ off + weights).ravel())
        return lost, np.concatenate(slopes).astype(np.float64)

    begin = np.concatenate([np.ones(themes), np.zeros(themes * (1 + columns))])
    steps = {"maxiter": _STEPS, "maxcor": 20, "ftol": 1e-7}
    found: Any = minimize(loss, begin, jac=True, method="L-BFGS-B", options=steps)
    scale, bias, weights = _parts(found.x, themes, columns)
    return Own(scale, weights, bias)


def _parts(given: Matrix, themes: int, columns: int) -> tuple[Matrix, Matrix, Matrix]:
    return given[:themes], given[themes : 2 * themes], given[2 * themes :].reshape(columns, themes)
