"""Pure. Labels that nobody gave, where the lexicon is sure: `ai` on corpora that were labelled without it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.classifier.labels import labels
from services.classifier.lexicon.evidence import score
from services.classifier.shipped.heads import Matrix
from services.classifier.training.material import AI, Example

SURE: Final = 0.9  # a score from here on is a yes, below one minus it a no; between them nobody knows


def with_ai(examples: Sequence[Example], evidence: Matrix) -> list[Example]:
    """`examples`, of which those without a label for `ai` get one where their lexicon features are clear."""
    column = labels().index(AI)
    return [
        replace(example, labels={**example.labels, AI: known})
        if AI not in example.labels and (known := _known(float(evidence[row, column]))) is not None
        else example
        for row, example in enumerate(examples)
    ]


def _known(feature: float) -> float | None:
    said = score(math.exp(feature))
    if said >= SURE:
        return 1.0
    return 0.0 if said <= 1 - SURE else None
