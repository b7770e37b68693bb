"""What the parts of the model say of the texts on which they are weighed; the work folder keeps what is costly."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix, issparse

from services.classifier.shipped.encoder import Encoder
from services.classifier.shipped.heads import pooled
from services.classifier.shipped.model import sentence
from services.classifier.shipped.said import meanings
from services.classifier.training.features import Prepared
from services.classifier.training.fit import Matrix, fit, folds
from services.classifier.training.material import Example
from services.classifier.training.unseen import Texts
from shared.meaning.encoder import the_encoder

_FOLDS: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Heads over some columns. `crossed` (unseen texts, labels): the logits of the unseen texts by heads that
    were fitted without their fold; `weights` (columns, labels) and `bias` of those fitted on all texts."""

    crossed: Matrix
    weights: Matrix
    bias: Matrix


def part(rows: csr_matrix | Matrix, strength: float, prepared: Prepared, unseen: Texts, file: Path) -> Part:
    """Heads over `rows` (texts, columns); from `file` where it was made of the same."""
    targets, weights = prepared.targets, prepared.weights
    judged = np.nan_to_num(targets, nan=-1)
    made_of = _digest(*_arrays(rows), judged, weights, unseen.places, prepared.groups, strength)
    if file.is_file() and str((found := np.load(file))["made_of"]) == made_of:
        return Part(found["crossed"], found["weights"], found["bias"])
    crossed = _crossed(rows, targets, weights, unseen, strength)
    whole, bias = fit(rows, targets, weights, strength)
    np.savez_compressed(file, made_of=np.array(made_of), crossed=crossed, weights=whole, bias=bias)
    return Part(crossed, whole, bias)


def _crossed(
    rows: csr_matrix | Matrix, targets: Matrix, weights: Matrix, unseen: Texts, strength: float
) -> Matrix:
    fold = np.full(rows.shape[0], -1)
    fold[unseen.places] = folds(unseen.groups, _FOLDS, 1)
    found: Matrix = np.zeros(targets.shape)
    for number in range(_FOLDS):
        left, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        given, bias = fit(rows[left], targets[left], weights[left], strength)
        found[asked] = rows[asked] @ given + bias
    asked_for: Matrix = found[unseen.places]
    return asked_for


def meant(examples: Sequence[Example], file: Path) -> Matrix:
    """What title and sentences of each text's first window mean on the average; `file` keeps it."""
    names = _digest([(each.title, each.text) for each in examples], the_encoder().version)
    if file.is_file() and str((found := np.load(file))["made_of"]) == names:
        known: Matrix = found["meant"]
        return known
    found_of = (meanings(the_encoder(), each.title, each.text) for each in examples)
    means = np.array([vectors.mean(0) for vectors in found_of], np.float64)
    np.savez(file, made_of=np.array(names), meant=means)
    return means


def read(encoder: Encoder, examples: Sequence[Example], file: Path) -> Matrix:
    """The pooled vectors of the texts, by the encoder as it is shipped; `file` keeps them."""
    texts = [sentence(each.title, each.text) for each in examples]
    names = [_digest(text) for text in texts]
    known = dict(np.load(file)) if file.is_file() else {}
    new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    known |= {name: pooled(encoder.encode(text).vectors) for name, text in new.items()}
    if new:
        np.savez(file, **known)
    return np.array([known[name] for name in names], np.float64)


def _arrays(rows: Any) -> tuple[np.ndarray, ...]:
    """Of a sparse matrix or a dense one."""
    return (rows.data, rows.indices) if issparse(rows) else (rows,)


def _digest(*made_of: object) -> str:
    found = hashlib.sha256()
    for each in made_of:
        found.update(each.tobytes() if isinstance(each, np.ndarray) else repr(each).encode())
    return found.hexdigest()
