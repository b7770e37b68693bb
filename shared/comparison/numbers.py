"""Pure. Numbers that a text names, in German, French and English, as values that compare.

1,5 Mio., 1.5 million and 1 500 000 are one value; Milliarde, milliard and billion are another million's thousand.
What a sign may mean (1.500 is a thousand and more in German, and little in English) is kept as several values, and
two numbers meet if one value does. Numbers in words are `weak`: they answer a number of the other text and never
accuse one, for "two" is often no count.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_SCALES: Final = (
    (1e12, "billionen billion_de trillion trillions"),
    (1e9, "milliarde milliarden mrd mrd. mia mia. milliard milliards md mds bn billion billions"),
    (1e6, "million millionen millions mio mio. mn"),
    (1e3, "tausend tsd tsd. mille thousand"),
    (1e2, "hundert hundred hundreds"),
)
SCALES: Final = {word: scale for scale, words in _SCALES for word in words.split()}
_WORDS: Final = (
    "null zéro zero",
    "ein eine einen einem einer eines eins un une one",
    "zwei zweier zweiten zweite zweiter zweites deux deuxième second seconde two beide beiden both",
    "drei dritte dritten dritter drittes dreier trois troisième three third tiers drittel",
    "vier vierte vierten vierter quatre quatrième four fourth quarter viertel quart",
    "fünf fünfte fünften cinq cinquième five fifth fünftel",
    "sechs sechste sechsten six sixième sixth",
    "sieben siebte siebten sept septième seven seventh",
    "acht achte achten huit huitième eight eighth",
    "neun neunte neunten neuf neuvième nine ninth",
    "zehn zehnte zehnten dix dixième ten tenth",
    "elf elfte onze eleven",
    "zwölf zwölfte douze twelve dutzend dizaine dozen",
)
_IN_WORDS: Final = {word: number for number, words in enumerate(_WORDS) for word in words.split()} | {
    "treize": 13, "dreizehn": 13, "thirteen": 13, "quatorze": 14, "vierzehn": 14, "fourteen": 14, "quinze": 15,
    "fünfzehn": 15, "fifteen": 15, "seize": 16, "sechzehn": 16, "sixteen": 16, "zwanzig": 20, "vingt": 20,
    "twenty": 20, "dreissig": 30, "dreißig": 30, "trente": 30, "thirty": 30, "vierzig": 40, "quarante": 40,
    "forty": 40, "fünfzig": 50, "cinquante": 50, "fifty": 50, "cent": 100, "hundert": 100, "centaine": 100,
    "tausend": 1000, "mille": 1000, "thousand": 1000, "million": 1e6, "milliard": 1e9, "milliarde": 1e9,
}  # fmt: skip
_NUMBER: Final = re.compile(
    r"(?<![\w.,])(?<!\d['’‘])(?P<digits>\d{1,3}(?:(?:[.,'’‘´\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d*)(?:[.,]\d+)?)"
    r"(?P<stuck>[^\W\d_]*)"
    r"(?:[\s\u00a0-]{1,2}(?P<scale>Milliarden?|Billionen|Millionen|Tausend|Hundert|[Mm]illiards?|[Mm]illions?|"
    r"[Bb]illions?|[Tt]rillions?|[Tt]housand|[Hh]undred|mille|Mio|Mrd|Mia|Tsd|[Mm]ds?|bn|mn)\b)?"
)
_RANGE: Final = re.compile(r"(?<!\d)((?:1[89]|20)\d\d)[-–—/](\d\d)(?![\d%]|\s%)")
_SCALED_LATER: Final = re.compile(  # 10 bis 16 Milliarden
    r"\s?(?:-|–|—|à|bis|to|and|und|et|ou|oder|or)\s?(?:CHF |EUR |€|\$)?[\d.,]+\s(?P<scale>Milliarden?|Millionen|"
    r"milliards?|millions?|billions?|Mio|Mrd|thousand)\b"
)
_SCALE_BEHIND: Final = re.compile(r"\s(Milliarden?|Millionen|milliards?|millions?|billions?)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+")
_ROMAN: Final = re.compile(r"\b([IVX]{1,6})(?:e|er|ème)?\b")
_GROUPS: Final = re.compile(r"['’‘´\u00a0\u202f\u2009 ]")
_STUCK: Final = frozenset(
    "er re e ème eme ère st nd rd th ste ten te fach jährige jährigen jähriger prozentig prozentige prozentigen "
    "km m kg g ha l t mw gw gwh kwh twh kw wh mwh h s euro chf eur ct c p x ers ter tes".split()
)


class Number(NamedTuple):
    """A number of a text: the values that it may have, and where it stands. `weak`: it accuses nobody."""

    start: int
    end: int
    values: tuple[float, ...]
    weak: bool

    def meets(self, other: "Number") -> bool:
        return any(abs(a - b) <= 1e-9 * max(abs(a), abs(b)) for a in self.values for b in other.values)


def numbers(text: str, language: str, taken: Sequence[tuple[int, int]] = ()) -> list[Number]:
    """Every number outside of the places `taken`, those in words last."""

    def free(start: int, end: int) -> bool:
        return all(end <= first or last <= start for first, last in taken)

    years = list(_years(text))
    second = {year.start for year in years}
    digits = (each for each in _digits(text, language) if each.start not in second)
    found = [each for each in (*digits, *years) if free(each.start, each.end)]
    return [*found, *(each for each in _words(text, language) if free(each.start, each.end))]


def _digits(text: str, language: str) -> Iterator[Number]:
    for hit in _NUMBER.finditer(text):
        digits, stuck, scale = hit.group("digits", "stuck", "scale")
        if stuck and not _is_unit(stuck):
            named = True  # 5G, 3D: a name, no count
        else:
            named = text[: hit.start()].endswith(("-", "/", "–")) and text[: hit.start() - 1][-1:].isalpha()
        times = _scale((scale or stuck or "").lower(), language)
        if not scale and (later := _SCALED_LATER.match(text, hit.end())):
            times = (1.0, *_scale(later.group("scale").lower(), language))
        end = hit.end() if scale else hit.end("stuck")
        values = tuple(value * factor for value in _values(digits) for factor in times)
        yield Number(hit.start(), end, values, named)


def _is_unit(stuck: str) -> bool:
    """Whether letters behind the figures are a unit, an ending or a scale. A single capital is none."""
    return (stuck if len(stuck) == 1 else stuck.lower()) in _STUCK or stuck.lower() in SCALES


def _scale(word: str, language: str) -> tuple[float, ...]:
    if word in ("billion", "billions"):
        return (1e9,) if language == "en" else (1e12,)
    return (SCALES.get(word, 1.0),)


def _values(digits: str) -> tuple[float, ...]:
    """What the digits may mean: 1.500 is two numbers, 1.5 and 1,500,000 one."""
    plain = _GROUPS.sub("", digits)
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return (float(plain),)
    head, _, tail = plain.rpartition(signs[-1])
    whole = float(re.sub(r"[.,]", "", plain))
    if len(set(signs)) == 1 and len(signs) > 1:
        return (whole,)
    broken = float(f"{re.sub('[.,]', '', head)}.{tail}")
    if len(tail) == 3 and len(head) <= 3 and len(signs) == 1 and head != "0":
        return (whole, broken)
    return (broken,)


def _years(text: str) -> Iterator[Number]:
    """The second year of 2008-11, which is a number elsewhere in full."""
    for hit in _RANGE.finditer(text):
        year = float(hit.group(1)[:2] + hit.group(2))
        yield Number(hit.start(2), hit.end(2), (year,), True)


def _words(text: str, language: str) -> Iterator[Number]:
    for hit in _WORD.finditer(text):
        value = _IN_WORDS.get(hit.group().lower())
        if value is not None:
            scaled = _SCALE_BEHIND.match(text, hit.end())
            times = _scale(scaled.group(1).lower(), language) if scaled else (1.0,)
            yield Number(hit.start(), hit.end(), tuple(value * factor for factor in times), True)
    for hit in _ROMAN.finditer(text):
        if value := _roman(hit.group(1)):
            yield Number(hit.start(), hit.end(), (float(value),), True)


def _roman(letters: str) -> int:
    worth = [{"I": 1, "V": 5, "X": 10}[letter] for letter in letters]
    return sum(-one if one < after else one for one, after in zip(worth, [*worth[1:], 0], strict=True))
