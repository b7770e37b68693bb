"""The texts on which the parts of the model are weighed: those that the encoder has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.classifier.training.features import Prepared
from services.classifier.training.fit import Matrix
from services.classifier.training.material import AFTER_ENCODER
from services.classifier.training.splits import held_out


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
    def of(cls, prepared: Prepared, learnt_later: bool) -> "Texts":
        found = [n for n, unseen in enumerate(are_unseen(prepared, learnt_later)) if unseen]
        kinds = np.array([prepared.examples[n].kind for n in found])
        groups = [prepared.groups[n] for n in found]
        return cls(np.array(found), groups, kinds, prepared.targets[found], prepared.weights[found])


def are_unseen(prepared: Prepared, learnt_later: bool) -> list[bool]:
    """Of every text whether the encoder has not seen it: the held-out tenth, and of what was labelled after the
    first tuning all, or where the encoder has learnt from that, too, what is held out of it."""
    if learnt_later:
        return held_out(prepared.examples, prepared.groups)
    both = zip(prepared.examples, prepared.held_out, strict=True)
    return [held or each.corpus in AFTER_ENCODER for each, held in both]
