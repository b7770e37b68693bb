"""How much a window behind the first must make good for: chosen on long texts put together from held-out ones.

A long text here is one publication followed by others of its language, each a section of its own: what it is about
is the union. Single publications are judged beside them, so that long texts are not bought with false tags.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classifier.labels import labels
from services.classifier.model import FRANCO_GERMAN, SOVEREIGNTY, ClassifiableText
from services.classifier.shipped.model import ShippedModel
from services.classifier.training.material import AI, Example

DISCOUNTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
_TEXTS: Final = 150
_SECTIONS: Final = 4
_APART: Final = (AI, SOVEREIGNTY, FRANCO_GERMAN)


def choose(model: ShippedModel, held_out: Sequence[Example]) -> tuple[float, dict[float, float]]:
    """The discount with the best micro F1 over the themes of long texts, and the figure of each."""
    columns = [n for n, label in enumerate(labels()) if label not in _APART]
    read = [(model.windows_of(text), truth[columns]) for text, truth in _long(held_out)]
    figures = {
        discount: _f1([(_given(rows[:, columns], discount), t) for rows, t in read]) for discount in DISCOUNTS
    }
    return max(figures, key=lambda discount: figures[discount]), figures


def _long(examples: Sequence[Example]) -> Iterator[tuple[ClassifiableText, NDArray[np.bool_]]]:
    draw = random.Random(11)
    real = [each for each in examples if each.real and len(each.text) > 300]
    for _ in range(_TEXTS):
        first = draw.choice(real)
        others = [each for each in real if each.language == first.language and each.group != first.group]
        sections = [first, *draw.sample(others, draw.randrange(_SECTIONS))]
        body = "\n\n".join([first.text, *(f"{each.title}\n{each.text}" for each in sections[1:])])
        truth = np.array([[each.labels.get(label, 0) for label in labels()] for each in sections]).max(0) >= 0.5
        yield ClassifiableText(first.title, body, first.language, (first.language,)), truth


def _given(logits: NDArray[np.float32], discount: float) -> NDArray[np.bool_]:
    """Which labels the windows (windows, labels) give together."""
    found: NDArray[np.bool_] = np.concatenate([logits[:1], logits[1:] - discount]).max(0) >= 0
    return found


def _f1(pairs: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> float:
    both = sum(int((given & truth).sum()) for given, truth in pairs)
    return 2 * both / max(1, sum(int(given.sum() + truth.sum()) for given, truth in pairs))
