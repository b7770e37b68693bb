"""Pure. Whether two reports, of different bodies and in their own words, tell one event: by what a reader goes by.

Names that both have and hardly anybody else (a project, a product), bodies, places, numbers, days, words that are
written alike in three languages, and how near titles and texts lie in meaning. A small logistic regression weighs
them; its weights are in `pair.json` (`python -m shared.comparison.fitting` makes it). Of the pairs that it joins
nine in ten tell one event (docs/comparing.md): enough to show two items together, not to keep a mail back.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from shared.comparison.facts import Fact, Kind, facts
from shared.comparison.moments import Moment
from shared.comparison.names import BODY, PLACE, Named
from shared.comparison.numbers import Number
from shared.text.fold import Token, loose_word, tokens

FEATURES: Final = (
    "title", "text", "crossed", "names", "bodies", "places", "numbers", "small_numbers", "days", "words",
    "other_bodies", "other_numbers", "other_places", "named_numbers",
)  # fmt: skip
_LEAD: Final = 1_500  # letters that are read: what an event is stands there
_NAME: Final = 4  # letters of a name that tells anything; with a digit two
_STEM: Final = 6
_SMALL: Final = 12  # numbers up to here are days, months, counts that many events share
_MOST: Final = {"names": 3, "bodies": 2, "places": 2, "numbers": 2, "small_numbers": 2, "days": 1, "words": 8}
_YEARS: Final = range(1990, 2036)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader of title and lead would note down. `names` are capitalised words that no list knows; `marked`
    of them are written otherwise than a noun: capitals or figures within."""

    language: str
    names: frozenset[str]
    marked: frozenset[str]
    bodies: frozenset[str]
    places: frozenset[str]
    numbers: tuple[Fact, ...]
    days: tuple[Fact, ...]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines: of the titles, of the means of the sentences, the higher one of a title and the other's text."""

    title: float
    text: float
    crossed: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely two reports tell one event (0 to 1), what both name, and the features that spoke for it, the
    strongest first."""

    score: float
    alike: bool
    names: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """One for each of `FEATURES`, and the likelihood from which on two are alike."""

    bias: float
    weights: Mapping[str, float]
    bound: float


def report(language: str, title: str, text: str) -> Report:
    """What title and lead name."""
    said = f"{title}\n{text[:_LEAD]}"
    stated = facts(said, language)
    named = [fact.value for fact in stated if isinstance(fact.value, Named)]
    words = tokens(said)
    return Report(
        language,
        frozenset(_names(words, named)),
        frozenset(_names(words, named, marked=True)),
        frozenset(name.key for name in named if name.kind == BODY),
        frozenset(name.key for name in named if name.kind == PLACE),
        tuple(fact for fact in stated if fact.kind is Kind.NUMBER and _counts(fact)),
        tuple(fact for fact in stated if isinstance(fact.value, Moment) and fact.value.day and fact.value.month),
        frozenset(loose_word(t.surface)[:_STEM] for t in words if len(t.surface) >= _STEM),
    )


def judge(one: Report, other: Report, near: Nearness) -> Verdict:
    """Symmetrical."""
    model = shipped()
    seen = features(one, other, near)
    parts = {name: model.weights[name] * value for name, value in seen.items()}
    score = 1 / (1 + math.exp(-(model.bias + sum(parts.values()))))
    names = tuple(sorted((one.names & other.names) | (one.bodies & other.bodies)))
    reasons = tuple(name for name, part in sorted(parts.items(), key=lambda each: -each[1]) if part > 0)
    return Verdict(score, score >= model.bound, names, reasons)


def features(one: Report, other: Report, near: Nearness) -> Mapping[str, float]:
    """What the regression weighs, each between 0 and 1."""
    shared = [a for a in one.numbers if not a.weak and any(a.meets(b) for b in other.numbers)]
    shared += [b for b in other.numbers if not b.weak and any(b.meets(a) and a.weak for a in one.numbers)]
    large = [fact for fact in shared if _largest(fact) > _SMALL]
    stated = [[f for f in each.numbers if not f.weak and _largest(f) > _SMALL] for each in (one, other)]
    names = one.names & other.names
    if one.language == other.language == "de":  # where every noun is written as a name
        names = names & one.marked
    counts = {
        "names": len(names),
        "bodies": len(one.bodies & other.bodies),
        "places": len(one.places & other.places),
        "numbers": len(large),
        "small_numbers": len(shared) - len(large),
        "days": len([a for a in one.days if any(a.meets(b) for b in other.days)]),
        "words": len(one.stems & other.stems),
    }
    return {
        "title": near.title,
        "text": near.text,
        "crossed": near.crossed,
        **{name: min(count, _MOST[name]) / _MOST[name] for name, count in counts.items()},
        "other_bodies": float(_disjoint(one.bodies, other.bodies)),
        "other_numbers": float(all(stated) and not large),
        "other_places": float(_disjoint(one.places, other.places)),
        "named_numbers": float(
            bool(large) and bool(names or one.bodies & other.bodies or one.places & other.places)
        ),
    }


@cache
def shipped() -> Weights:
    """The weights that come with Vigie."""
    return read(json.loads((files("shared.comparison") / "pair.json").read_text("utf-8")))


def read(found: Mapping[str, float]) -> Weights:
    """Weights as the file has them."""
    return Weights(found["bias"], {name: found[name] for name in FEATURES}, found["bound"])


def _disjoint(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and not one & other


def _names(words: Sequence[Token], listed: list[Named], *, marked: bool = False) -> set[str]:
    """Capitalised words and those with digits, folded, that belong to no listed name."""
    found = set()
    for token in words:
        surface = token.surface
        telling = len(surface) >= _NAME or (
            len(surface) > 1 and any(map(str.isdigit, surface)) and surface.isalnum()
        )
        special = not surface[1:].islower()
        if not telling or surface.isdigit() or not (special or (surface[0].isupper() and not marked)):
            continue
        if any(name.start <= token.start and token.end <= name.end for name in listed):
            continue
        found.add(loose_word(surface))
    return found


def _counts(fact: Fact) -> bool:
    """Whether a number says more than that there is one, or when."""
    return isinstance(fact.value, Number) and fact.value.values[0] not in _YEARS and _largest(fact) > 1


def _largest(fact: Fact) -> float:
    return max(fact.value.values) if isinstance(fact.value, Number) else 0.0
