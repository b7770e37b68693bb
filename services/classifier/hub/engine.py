"""Pure. The port of what computes logits, and the numbers that are made of them."""

import math
from collections.abc import Sequence
from typing import Final, Protocol

Pair = tuple[str, str | None]  # a text, and perhaps the hypothesis that it is asked for
Logits = Sequence[float]
_CERTAIN: Final = 1e-6  # log-odds are taken no closer to 0 and 1 than that


class Engine(Protocol):
    """A loaded model."""

    def logits(self, pairs: Sequence[Pair]) -> Sequence[Logits]:
        """One row per pair, one number per label of the model. Raises Unprocessable when it fails on a text."""
        ...


def sigmoid(logit: float) -> float:
    """0..1; 0 for what is no number."""
    if math.isnan(logit):
        return 0.0
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, logit))))


def softmax(logits: Logits) -> Sequence[float]:
    """Shares of 1; 0 for what is no number."""
    known = [max(-1e9, min(1e9, value)) if not math.isnan(value) else -1e9 for value in logits]
    highest = max(known)
    powers = [math.exp(max(-500.0, value - highest)) for value in known]
    return [power / sum(powers) for power in powers]


def log_odds(score: float) -> float:
    """Steps of evidence, in which .98 -> .99 is as much as .5 -> .67."""
    inside = min(1 - _CERTAIN, max(_CERTAIN, score))
    return math.log(inside / (1 - inside))
