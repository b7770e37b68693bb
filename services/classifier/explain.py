"""Pure. Why a label was given: the passages of the item's own words that carried it, the heaviest first.

A passage is a term with a few words around it, cut out of the text as it stands, never across a sentence end.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from services.classifier.lexicon.evidence import Contribution, Part
from shared.items import Reason

REASONS_PER_LABEL: Final = 4
_WORDS_AROUND: Final = 3
_LONGEST: Final = 160  # characters of a passage
_BORDER: Final = re.compile(r"[.!?:;…]\s|[\n\r|•–—\"„“”«»()]")


def reasons(label: str, contributions: Sequence[Contribution]) -> tuple[Reason, ...]:
    """At most `REASONS_PER_LABEL`, heaviest first; `weight` is the share of all that spoke for the label."""
    speaking = [c for c in contributions if c.amount > 0]
    whole = sum(c.amount for c in speaking)
    speaking.sort(key=lambda c: (-c.amount, c.hit.first, c.hit.last))
    return tuple(
        Reason(label=label, passage=passage, weight=round(amount / whole, 4))
        for passage, amount in _distinct(speaking)
    )


def passage(part: Part, first: int, last: int) -> str:
    """The words `first` to `last` of the part with a few around them, word for word."""
    text, words = part.text, part.words
    start, end = words[first].start, words[last].end
    for number in range(first - 1, max(first - 1 - _WORDS_AROUND, -1), -1):
        if _BORDER.search(text, words[number].end, start) or end - words[number].start > _LONGEST:
            break
        start = words[number].start
    for number in range(last + 1, min(last + 1 + _WORDS_AROUND, len(words))):
        if _BORDER.search(text, end, words[number].start + 1) or words[number].end - start > _LONGEST:
            break
        end = words[number].end
    return text[start:end]


def _distinct(contributions: Iterable[Contribution]) -> list[tuple[str, float]]:
    """Passages with what they carry; terms that share a passage add up."""
    carried: dict[str, float] = {}
    for contribution in contributions:
        words = passage(contribution.part, contribution.hit.first, contribution.hit.last)
        if words in carried or len(carried) < REASONS_PER_LABEL:
            carried[words] = carried.get(words, 0.0) + contribution.amount
    return sorted(carried.items(), key=lambda pair: -pair[1])
