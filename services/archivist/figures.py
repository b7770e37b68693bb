"""Pure. The figures that a text states, as far as two texts may be told apart by them.

Read as the comparison of two versions reads them (`shared.comparison`). Days count by their number: 12.11.2026 and
12 November meet. Years and what sticks to letters (5G, A320) count for nothing: two events of one year share that
and no more.
"""

from dataclasses import dataclass
from typing import Final

from shared.comparison.moments import moments
from shared.comparison.numbers import SCALES, numbers

_YEARS: Final = range(1900, 2101)
_COUNT: Final = 2  # "one" is mostly none
_SCALED: Final = 1_000  # four million is a figure, in words or not


@dataclass(frozen=True, slots=True)
class Figures:
    """`stated` in digits; `said` in words, which answer the other text's digits and contradict nothing."""

    stated: frozenset[float]
    said: frozenset[float]

    def contradict(self, other: "Figures") -> bool:
        """Whether both state figures, and none of the one is the other's."""
        if not self.stated or not other.stated:
            return False
        return not (self.stated & (other.stated | other.said) or other.stated & self.said)

    def common(self, other: "Figures") -> frozenset[float]:
        return (self.stated | self.said) & (other.stated | other.said)


def figures(text: str, language: str = "") -> Figures:
    days = [each for each in moments(text) if not each.is_time()]
    stated, said = {float(each.day) for each in days if each.day}, set[float]()
    for number in numbers(text, language, [(each.start, each.end) for each in days]):
        written = text[number.start : number.end]
        if written[0].isdigit():
            if not number.weak and not (len(written) == 4 and written.isdigit() and int(written) in _YEARS):
                stated.update(number.values)
        elif number.values[0] >= _COUNT and written.lower() not in SCALES:
            (stated if number.values[0] >= _SCALED else said).update(number.values)
    return Figures(frozenset(stated), frozenset(said))
