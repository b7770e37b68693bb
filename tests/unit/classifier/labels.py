"""Labelled items and verdicts for the tests of the evaluation, with defaults."""

from typing import Any

from services.classifier.evaluation.labelled import RUBRIC, Labelled
from shared.items import Verdict


def an_item(item_id: str = "one", *themes: str, **changed: Any) -> Labelled:
    fields = {"group": item_id, "lang": "de", "title": "Titel", "text": "", "themes": frozenset(themes)}
    return Labelled(**{"id": item_id, "judged": frozenset(RUBRIC), **fields, **changed})


def a_verdict(*themes: str, score: float = 0.6, **changed: Any) -> Verdict:
    said = {"language": "de", "sovereignty": 0.0, "franco_german": False, "organisations": (), "model": "test-1"}
    scores = dict.fromkeys(themes, score)
    return Verdict(**{"themes": themes, "scores": scores, "reasons": (), **said, **changed})
