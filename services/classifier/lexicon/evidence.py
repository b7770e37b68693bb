"""Pure. Weighs what was found: hits in title and body -> evidence and score per label.

Title hits weigh more, and a hit among few words weighs more than one among many: a passing mention is no theme.
A long body is read in windows, the first with full weight, later ones with less, so that a theme which is first
named on page two is found. The figures were chosen by cross-validation on labelled items.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.classifier.lexicon.matcher import Hit
from services.classifier.lexicon.terms import Effect, Term
from shared.text.fold import Token

TITLE: Final = 2.0  # a term in the title counts so many times
LATER: Final = 0.6  # a term behind the first window counts so much
AGAIN: Final = 0.35  # what the second mention of a term adds; further ones add less
HALF_WINDOW: Final = 600  # characters; two neighbouring halves make a window
SIZE: Final = 40  # words of a title with its window at which a weight counts as it stands
_SMALLEST: Final = 20  # words: a shorter text is weighed as if it had so many
_SMOOTHING: Final = 60  # words: how slowly weights fall as the text grows
STEEPNESS: Final = 4.0  # of the curve from evidence to score; with 4 the scores are about probabilities


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a text with its words and what was found among them."""

    text: str
    words: Sequence[Token]
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term adds to a label's evidence, and where it stands: first in `hit`, then in `again`."""

    term: Term
    amount: float
    part: Part
    hit: Hit
    again: tuple[Hit, ...] = ()


def score(evidence: float, steepness: float = STEEPNESS) -> float:
    """Evidence -> 0..1, monotone; 1 is the threshold and gives 0.5."""
    if evidence <= 0:
        return 0.0
    power = math.pow(min(evidence, 1e6), steepness)
    return power / (1 + power)


def weigh(title: Part, body: Part) -> Mapping[str, tuple[Contribution, ...]]:
    """Label -> what speaks for and against it, in the title and in the window of the body that says most."""
    in_title, in_body = _by_label(title), _by_label(body)
    windows = _Windows(len(title.words), body)
    return {
        label: windows.best(_contributions(title, in_title.get(label, ()), TITLE), in_body.get(label, ()))
        for label in {**in_title, **in_body}
    }


def total(contributions: Iterable[Contribution]) -> float:
    return sum(contribution.amount for contribution in contributions)


class _Windows:
    """The body cut into half windows, and how many words stand in each."""

    def __init__(self, title_words: int, body: Part) -> None:
        self._title_words, self._body = title_words, body
        self._sizes: dict[int, int] = defaultdict(int)
        for word in body.words:
            self._sizes[word.start // HALF_WINDOW] += 1

    def best(self, title: Sequence[Contribution], hits: Sequence[Hit]) -> tuple[Contribution, ...]:
        """The title with the window that, together, say most for the label."""
        halves: dict[int, list[Hit]] = defaultdict(list)
        for hit in hits:
            halves[self._body.words[hit.first].start // HALF_WINDOW].append(hit)
        candidates = [self._window(title, halves, half) for half in sorted({0, *halves})]
        return max(candidates, key=total)

    def _window(
        self, title: Sequence[Contribution], halves: Mapping[int, Sequence[Hit]], half: int
    ) -> tuple[Contribution, ...]:
        hits = [*halves.get(half, ()), *halves.get(half + 1, ())]
        size = self._title_words + self._sizes.get(half, 0) + self._sizes.get(half + 1, 0)
        density = (SIZE + _SMOOTHING) / (max(size, _SMALLEST) + _SMOOTHING)
        body = _contributions(self._body, hits, 1.0 if half == 0 else LATER)
        return tuple(replace(c, amount=c.amount * density) for c in (*title, *body))


def _by_label(part: Part) -> Mapping[str, list[Hit]]:
    """The hits that count, without those that a veto of their label covers."""
    vetoed: dict[str, set[int]] = defaultdict(set)
    for hit in part.hits:
        if hit.term.effect is Effect.VETOES:
            vetoed[hit.term.label].update(range(hit.first, hit.last + 1))
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in part.hits:
        label = hit.term.label
        if hit.term.effect is Effect.COUNTS and (
            label not in vetoed or vetoed[label].isdisjoint(range(hit.first, hit.last + 1))
        ):
            found[label].append(hit)
    return found


def _contributions(part: Part, hits: Sequence[Hit], weight: float) -> list[Contribution]:
    """One per term; words that a heavier or longer term of the label has taken count for nothing more."""
    taken: set[int] = set()
    by_term: dict[Term, list[Hit]] = {}
    for hit in sorted(hits, key=lambda h: (-abs(h.term.weight), h.first - h.last, h.first)):
        span = range(hit.first, hit.last + 1)
        if taken.isdisjoint(span):
            taken.update(span)
            by_term.setdefault(hit.term, []).append(hit)
    return [
        Contribution(
            term, weight * term.weight * (1 + AGAIN * math.log2(len(places))), part, places[0], tuple(places[1:])
        )
        for term, places in by_term.items()
    ]
