"""The shipped lexicon, and how tests ask it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from services.classifier.lexicon.load import load_lexicon
from services.classifier.lexicon.model import LexiconModel
from services.classifier.model import ClassifiableText
from shared.items import Verdict

WRITTEN = Path(__file__).parents[2] / "data" / "classifier" / "written.jsonl"


@cache
def lexicon() -> LexiconModel:
    """Loading takes half a second; a model keeps nothing of what it reads."""
    return load_lexicon()


def verdict(title: str, body: str = "", language: str = "de") -> Verdict:
    """Of a text from a source that publishes in `language` alone."""
    return lexicon().classify(ClassifiableText(title, body, languages=(language,)))


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as lines:
        yield from map(json.loads, lines)


def micro_f1(pairs: Sequence[tuple[set[str], set[str]]]) -> float:
    """Over (expected, given) theme sets."""
    right = sum(len(expected & given) for expected, given in pairs)
    wrong = sum(len(expected ^ given) for expected, given in pairs)
    return 2 * right / (2 * right + wrong) if right + wrong else 1.0
