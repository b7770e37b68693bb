"""Pure. Weighs what was found: hits in title and body -> evidence and score per label.

Title hits weigh more. A long body is read in windows: the first one with full weight, later ones with less, so a
theme that is first named on page two is found, and one passing word there is not enough.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.classifier.lexicon.matcher import Hit
from services.classifier.lexicon.terms import Effect, Term
from shared.text.fold import Token

TITLE: Final = 2.0  # a term in the title counts so many times
LATER: Final = 0.5  # a term behind the first window counts so much
AGAIN: Final = 0.35  # what the first repetition adds to a term; further ones add less
HALF_WINDOW: Final = 600  # characters; two neighbouring halves make a window
STEEPNESS: Final = 2.0  # of the curve from evidence to score


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a text with its words and what was found among them."""

    text: str
    words: Sequence[Token]
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term adds to a label's evidence, and where it stands first: the part, and the words in it."""

    term: Term
    amount: float
    part: Part
    hit: Hit


def score(evidence: float) -> float:
    """Evidence -> 0..1, monotone; 1 is the threshold and gives 0.5."""
    if evidence <= 0:
        return 0.0
    power = math.pow(min(evidence, 1e6), STEEPNESS)
    return power / (1 + power)


def weigh(title: Part, body: Part) -> Mapping[str, tuple[Contribution, ...]]:
    """Label -> what speaks for and against it, in the title and in the window of the body that says most."""
    found: dict[str, list[Contribution]] = defaultdict(list)
    for label, hits in _by_label(title).items():
        found[label] += _contributions(title, hits, TITLE)
    for label, hits in _by_label(body).items():
        found[label] += _best_window(body, hits)
    return {label: tuple(parts) for label, parts in found.items()}


def total(contributions: Iterable[Contribution]) -> float:
    return sum(contribution.amount for contribution in contributions)


def _by_label(part: Part) -> Mapping[str, list[Hit]]:
    """The hits that count, without those that a veto of their label covers."""
    vetoed: dict[str, set[int]] = defaultdict(set)
    for hit in part.hits:
        if hit.term.effect is Effect.VETOES:
            vetoed[hit.term.label].update(range(hit.first, hit.last + 1))
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in part.hits:
        if hit.term.effect is Effect.COUNTS and vetoed[hit.term.label].isdisjoint(range(hit.first, hit.last + 1)):
            found[hit.term.label].append(hit)
    return found


def _best_window(body: Part, hits: Sequence[Hit]) -> list[Contribution]:
    halves: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        halves[body.words[hit.first].start // HALF_WINDOW].append(hit)
    best: list[Contribution] = _contributions(body, halves.get(0, []) + halves.get(1, []), 1.0)
    for half in sorted(halves):
        if half >= 1:
            window = _contributions(body, halves[half] + halves.get(half + 1, []), LATER)
            best = max(best, window, key=total)
    return best


def _contributions(part: Part, hits: Sequence[Hit], weight: float) -> list[Contribution]:
    """One per term; words that a longer or heavier term of the label took already count for nothing more."""
    taken: set[int] = set()
    by_term: dict[Term, list[Hit]] = {}
    for hit in sorted(hits, key=lambda h: (-abs(h.term.weight), h.first - h.last, h.first)):
        span = range(hit.first, hit.last + 1)
        if taken.isdisjoint(span):
            taken.update(span)
            by_term.setdefault(hit.term, []).append(hit)
    return [
        Contribution(term, weight * term.weight * _repeated(len(places)), part, min(places, key=_place))
        for term, places in by_term.items()
    ]


def _repeated(times: int) -> float:
    return 1 + AGAIN * math.log2(times)


def _place(hit: Hit) -> int:
    return hit.first
