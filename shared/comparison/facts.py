"""Pure. What a sentence states that compares exactly in any language: numbers, dates, times, bodies, places."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.comparison.moments import Moment, moments
from shared.comparison.names import Named, named
from shared.comparison.numbers import Number, numbers

Value = Number | Moment | Named
_LEAST_WORD: Final = 2  # "one" is mostly no count
_ONE_SIZE: Final = 4.0  # times, that one number may be the other


class Kind(StrEnum):
    """What is compared with what."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """`said` as it is written; `weak`: it answers the other text's facts and by itself accuses nobody."""

    kind: Kind
    said: str
    value: Value
    weak: bool = False

    def meets(self, other: "Fact") -> bool:
        """Whether both may state the same. A day's number meets the day: the 12th is 12 November."""
        match self.value, other.value:
            case (Number() as one, Number() as two):
                return one.meets(two)
            case (Moment() as one, Moment() as two):
                return one.meets(two)
            case (Named() as one, Named() as two):
                return one.key == two.key
            case (Number() as number, Moment() as moment) | (Moment() as moment, Number() as number):
                return _answers(moment, number)
        return False


def facts(text: str, language: str) -> tuple[Fact, ...]:
    """In order of their kinds, then of the text."""
    days = moments(text)
    taken = [(day.start, day.end) for day in days]
    return (
        *(Fact(Kind.TIME if day.is_time() else Kind.DATE, text[day.start : day.end], day) for day in days),
        *(Fact(Kind.NUMBER, text[n.start : n.end], n, n.weak) for n in numbers(text, language, taken)),
        *(Fact(Kind.NAME, text[n.start : n.end], n) for n in named(text)),
    )


def unanswered(own: Sequence[Fact], others: Sequence[Fact]) -> list[Fact]:
    """The facts that no fact of the others may be."""
    return [fact for fact in own if not any(fact.meets(other) for other in others)]


def opposed(left: "Standing", right: "Standing") -> list[tuple[Fact, Fact]]:
    """Facts of two sides that stand in each other's place, of one kind; the order of the texts decides.

    First those that neither text has anywhere; then one that stands nowhere beside one that only its own place
    lacks (the title, unchanged, may still say it), if they are much alike.
    """
    found = list(_pairs(left.nowhere, right.nowhere, _comparable))
    told = [fact for pair in found for fact in pair]
    for lefts, rights in ((left.nowhere, right.elsewhere), (left.elsewhere, right.nowhere)):
        found += _pairs([f for f in lefts if f not in told], [f for f in rights if f not in told], _alike)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """The facts of one side of a block that the other side of the block does not state: those that the other text
    states nowhere, and those that it states elsewhere."""

    nowhere: Sequence[Fact]
    elsewhere: Sequence[Fact]


def standing(own: Sequence[Fact], beside: Sequence[Fact], all_others: Sequence[Fact]) -> Standing:
    """Of the facts `own` beside those of the other side of their block, and all of the other text."""
    lacking = unanswered(own, beside)
    nowhere = unanswered(lacking, all_others)
    return Standing(nowhere, [fact for fact in lacking if fact not in nowhere])


def _pairs(
    left: Sequence[Fact], right: Sequence[Fact], fits: Callable[[Fact, Fact], bool]
) -> Iterator[tuple[Fact, Fact]]:
    """Each fact once, in order."""
    rest = list(right)
    for fact in left:
        if partner := next((other for other in rest if other.kind is fact.kind and fits(fact, other)), None):
            rest.remove(partner)
            yield fact, partner


def _comparable(one: Fact, other: Fact) -> bool:
    """Whether one may have been put for the other: not a town for a ministry, nor one word for another."""
    if isinstance(one.value, Named) and isinstance(other.value, Named):
        return one.value.kind == other.value.kind
    if one.weak and other.weak:
        return False
    return all(not fact.weak or _least(fact) >= _LEAST_WORD for fact in (one, other))


def _alike(one: Fact, other: Fact) -> bool:
    """Days are; numbers are if both are written in figures, of one size and both broken or both whole."""
    match one.value, other.value:
        case (Moment(), Moment()):
            return True
        case (Number() as own, Number() as theirs):
            sizes = sorted((own.values[0], theirs.values[0]))
            whole = own.values[0].is_integer() == theirs.values[0].is_integer()
            return not one.weak and not other.weak and whole and sizes[1] <= _ONE_SIZE * max(sizes[0], 0.1)
    return False


def _least(fact: Fact) -> float:
    return min(fact.value.values) if isinstance(fact.value, Number) else _LEAST_WORD


def _answers(moment: Moment, number: Number) -> bool:
    if number.weak:
        return False
    if moment.is_time():
        return float(moment.day) in number.values or moment.day + moment.year / 100 in number.values
    return float(moment.day) in number.values or (moment.year != 0 and float(moment.year) in number.values)
