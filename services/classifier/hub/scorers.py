"""Scores of our labels for texts: by asking hypotheses, or by reading a sequence classifier's labels."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from services.classifier.hub.engine import Engine, sigmoid, softmax
from services.classifier.hub.options import Hypotheses
from shared.items import LANGUAGES

_ELSE: Final = "en"  # the language of hypotheses about a text in no language of ours

Scores = Mapping[str, float]  # our label -> 0..1


class Scorer(Protocol):
    """Scores texts that fit the model."""

    @property
    def labels(self) -> Sequence[str]:
        """Those of ours that the model gives."""
        ...

    def scores(self, texts: Sequence[str], language: str, labels: Sequence[str]) -> Sequence[Scores]:
        """One row per text, with those of `labels` that are asked for."""
        ...


class NliScorer:
    """Zero-shot: the share of "entailment" against "contradiction" for the hypothesis of each label, by itself.

    One pass of the model per text and label; the same as transformers' zero-shot pipeline with multi_label=True.
    """

    def __init__(
        self, engine: Engine, labels: Sequence[str], hypotheses: Hypotheses, pair: tuple[int, int]
    ) -> None:
        self.labels = labels
        self._engine, self._hypotheses, self._pair = engine, hypotheses, pair

    def scores(self, texts: Sequence[str], language: str, labels: Sequence[str]) -> Sequence[Scores]:
        """See the port."""
        spoken = language if language in LANGUAGES else _ELSE
        asked = [(text, self._hypotheses[label][spoken]) for text in texts for label in labels]
        entails, against = self._pair
        found = [softmax((row[against], row[entails]))[1] for row in self._engine.logits(asked)]
        size = len(labels)
        return [
            dict(zip(labels, found[number * size : (number + 1) * size], strict=True))
            for number in range(len(texts))
        ]


class SequenceScorer:
    """The model's own labels; where several stand for one of ours, the highest counts."""

    def __init__(self, engine: Engine, by_number: Mapping[int, str], *, exclusive: bool) -> None:
        self.labels = tuple(dict.fromkeys(by_number.values()))
        self._engine, self._by_number, self._exclusive = engine, by_number, exclusive

    def scores(self, texts: Sequence[str], language: str, labels: Sequence[str]) -> Sequence[Scores]:  # noqa: ARG002
        """See the port. One pass of the model per text."""
        rows = self._engine.logits([(text, None) for text in texts])
        return [self._ours(row, labels) for row in rows]

    def _ours(self, row: Sequence[float], labels: Sequence[str]) -> Scores:
        values = softmax(row) if self._exclusive else [sigmoid(logit) for logit in row]
        return {
            label: max(values[number] for number, ours in self._by_number.items() if ours == label)
            for label in labels
        }
