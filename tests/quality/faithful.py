"""Whether reasons explain: what happens to a label when its passages are taken out, and when they stand alone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.classifier.evaluation.labelled import Labelled
from services.classifier.model import ClassifiableText, Model
from shared.items import Reason
from shared.text.fold import tokens


@dataclass(frozen=True, slots=True)
class Trial:
    """One theme of one item: the share of the words its passages take, and what became of it in three trials."""

    share: float
    flipped: bool
    flipped_at_random: bool
    kept_alone: bool


def trials(model: Model, items: Sequence[Labelled]) -> Iterator[Trial]:
    """Every theme that the model gives every item."""
    draw = random.Random(5)
    for item in items:
        text = ClassifiableText(item.title, item.text, item.lang, (item.lang,))
        verdict = model.classify(text)
        for theme in verdict.themes:
            passages = [reason for reason in verdict.reasons if reason.label == theme]
            yield _trial(model, text, theme, passages, draw)


def _trial(
    model: Model, text: ClassifiableText, theme: str, passages: Sequence[Reason], draw: random.Random
) -> Trial:
    size = len(tokens(text.title)) + len(tokens(text.body))
    taken = sum(len(tokens(reason.passage)) for reason in passages)
    without = text
    for reason in passages:
        without = _without(without, reason.passage)
    alone = _like(text, "", " … ".join(reason.passage for reason in passages))
    return Trial(
        taken / size,
        theme not in model.classify(without).themes,
        theme not in model.classify(_thinned(text, taken, draw)).themes,
        theme in model.classify(alone).themes,
    )


def _without(text: ClassifiableText, passage: str) -> ClassifiableText:
    """The text without one place of the passage, the title's first."""
    if passage in text.title:
        return _like(text, text.title.replace(passage, " ", 1), text.body)
    return _like(text, text.title, text.body.replace(passage, " ", 1))


def _thinned(text: ClassifiableText, count: int, draw: random.Random) -> ClassifiableText:
    """The text without `count` of its words, drawn at random, one run of them."""
    words = [*((0, word) for word in tokens(text.title)), *((1, word) for word in tokens(text.body))]
    start = draw.randrange(max(1, len(words) - count + 1))
    fields = [text.title, text.body]
    for field, word in reversed(words[start : start + count]):
        fields[field] = fields[field][: word.start] + fields[field][word.end :]
    return _like(text, *fields)


def _like(text: ClassifiableText, title: str, body: str) -> ClassifiableText:
    return ClassifiableText(title, body, text.declared_language, text.languages)
