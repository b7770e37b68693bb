"""Pure. What a model is told of a labelled item, and its answers in order."""

from collections.abc import Iterable, Iterator

from services.classifier.evaluation.labelled import Labelled
from services.classifier.model import ClassifiableText, Model
from shared.items import Verdict


def verdicts(model: Model, labelled: Iterable[Labelled]) -> Iterator[Verdict]:
    """One verdict per item, in order. The model is not told the language: finding it is judged too."""
    return (model.classify(ClassifiableText(item.title, item.text)) for item in labelled)
