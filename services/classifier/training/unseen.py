"""The texts on which the parts of the model are weighed: those that the encoder has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.classifier.training.features import Prepared
from services.classifier.training.fit import Matrix
from services.classifier.training.material import AFTER_ENCODER, Example


@dataclass(frozen=True, slots=True)
class Texts:
    """Places among all labelled texts, groups, kinds of text, labels (texts, labels; NaN where unknown), and what
    each text counts for."""

    places: np.ndarray
    groups: Sequence[str]
    kinds: np.ndarray
    targets: Matrix
    weights: Matrix

    @classmethod
    def of(cls, prepared: Prepared) -> "Texts":
        both = zip(prepared.examples, prepared.held_out, strict=True)
        found = [n for n, (each, held) in enumerate(both) if is_unseen(each, held)]
        kinds = np.array([prepared.examples[n].kind for n in found])
        groups = [prepared.groups[n] for n in found]
        return cls(np.array(found), groups, kinds, prepared.targets[found], prepared.weights[found])


def is_unseen(example: Example, held_out: bool) -> bool:
    """What was labelled after the encoder was tuned, and the held-out tenth of the others."""
    return held_out or example.corpus in AFTER_ENCODER
