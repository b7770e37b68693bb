"""Pure. Co-operation of German and French actors: one of each, and a word of joint action, close together.

Naming both countries is not enough, and a list of many countries is none of co-operation between two.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from services.classifier.lexicon.evidence import Contribution, Part
from services.classifier.lexicon.matcher import Hit
from services.classifier.lexicon.terms import Term
from services.classifier.model import FRANCO_GERMAN

GROUPS: Final = ("german", "french", "together", "others")
_SPAN: Final = 24  # words within which the three must stand
_WEIGHT: Final = {"title": 1.2, "body": 0.7, "again": 0.2}
_PAIR: Final = Term(FRANCO_GERMAN, (), _WEIGHT["body"])


def group_label(group: str) -> str:
    return f"{FRANCO_GERMAN}.{group}"


def pairs(part: Part, *, title: bool) -> Sequence[Contribution]:
    """The places where German and French actors act together, the first at full weight."""
    found = list(_places(part))
    first = _WEIGHT["title" if title else "body"]
    return [
        Contribution(_PAIR, first if number == 0 else _WEIGHT["again"], part, hit)
        for number, hit in enumerate(found[:3])
    ]


def _places(part: Part) -> Iterator[Hit]:
    german, french, together, others = (
        [hit for hit in part.hits if hit.term.label == group_label(group)] for group in GROUPS
    )
    done = -1
    for hit in german:
        near = [_near(hit, french), _near(hit, together)]
        if hit.first <= done or not all(near):
            continue
        known = [hit, *(n for n in near if n)]
        first, last = min(h.first for h in known), max(h.last for h in known)
        if last - first < _SPAN and not any(first - 6 <= o.first <= last + 6 for o in others):
            yield Hit(_PAIR, first, last)
            done = last


def _near(hit: Hit, candidates: Sequence[Hit]) -> Hit | None:
    return min(candidates, key=lambda c: abs(c.first - hit.first), default=None)
