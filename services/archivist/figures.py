"""Pure. The figures that a text states, in German, French and English, as numbers that compare.

1,5 Millionen, 1.5 million and 1 500 000 are one. 1.500 may be a thousand and more or little: both are kept. Years
and what sticks to letters (5G, A320) count for nothing: two events of one year share that and no more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_SCALES: Final = {
    word: scale
    for scale, words in (
        (1e9, "milliarde milliarden mrd mia milliard milliards md mds billion billions bn"),
        (1e6, "million millionen millions mio mn"),
        (1e3, "tausend tsd mille thousand"),
    )
    for word in words.split()
}
_WORDS: Final = {
    word: float(number)
    for number, words in enumerate(
        (
            "zwei deux two beide both",
            "drei trois three",
            "vier quatre four",
            "fünf cinq five",
            "sechs six",
            "sieben sept seven",
            "acht huit eight",
            "neun neuf nine",
            "zehn dix ten dizaine",
            "elf onze eleven",
            "zwölf douze twelve dutzend dozen douzaine",
        ),
        start=2,
    )
    for word in words.split()
}
_FIGURE: Final = re.compile(
    r"(?<![\w.,'’-])(\d{1,3}(?:[.,'’\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+)(?:([.,])(\d+))?(?![\w]|-[^\W\d])"
    r"(?:[\s\u00a0\u202f-]?(%)|[\s\u00a0\u202f-]{1,2}([^\W\d_]+))?"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_GROUP: Final = re.compile(r"[.,'’\u00a0\u202f\u2009 ]")
_YEARS: Final = range(1900, 2101)


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


def figures(text: str) -> Figures:
    stated = {value for hit in _FIGURE.finditer(text) for value in _values(hit)}
    words = [word.lower() for word in _WORD.findall(text)]
    said = {_WORDS[word] for word in words if word in _WORDS}
    stated |= {_WORDS[one] * _SCALES[two] for one, two in pairwise(words) if one in _WORDS and two in _SCALES}
    return Figures(frozenset(stated), frozenset(said))


def _values(hit: re.Match[str]) -> Iterator[float]:
    whole, point, rest, percent, word = hit.groups()
    scale = _SCALES.get((word or "").lower(), 1.0)
    number = float(_GROUP.sub("", whole))
    if point:
        number += float(f"0.{rest}")
    elif scale == 1.0 and not percent and number in _YEARS and _GROUP.search(whole) is None:
        return
    yield number * scale
    if not point and len(groups := _GROUP.split(whole)) == 2 and _GROUP.search(whole).group() in ".,":  # type: ignore[union-attr]
        yield float(".".join(groups)) * scale
