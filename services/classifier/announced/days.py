"""Pure. The days that a German, French or English text writes: `vom 8. bis 10. Mai`, `les 21 et 22 juin`, `May 7`.

A day without a year is the one nearest to the day of publication, the future preferred: what was announced is
mostly still to come.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = (
    "januar jänner january janvier jan janv",
    "februar february février fevrier feb févr fév",
    "märz maerz march mars mär mrz mar",
    "april avril apr avr",
    "mai may",
    "juni june juin jun",
    "juli july juillet jul juil",
    "august août aout aug",
    "september septembre sept sep",
    "oktober october octobre okt oct",
    "november novembre nov",
    "dezember december décembre decembre dez dec déc",
)
_MONTH_OF: Final[Mapping[str, int]] = {
    name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()
}
_NAME: Final = "(?:" + "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True)) + r")\b\.?"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_AND: Final = r"\s*(?:[-–—/]|,|bis(?:\s+zum)?|und|au|et|to|and|through|until)\s*"
_ENDING: Final = r"(?:\.|er\b|st\b|nd\b|rd\b|th\b)?"
_WEEKDAY: Final = r"(?:[^\W\d_]+tag|[^\W\d_]+di|[^\W\d_]+day|dimanche|mittwoch),?\s+(?:den\s+|le\s+|the\s+)?"
_YEAR: Final = r"(?:,?\s+((?:19|20)\d\d)\b)?"

_DAY_FIRST: Final = re.compile(
    rf"\b({_DAY}){_ENDING}(?:\s*({_NAME}))?{_YEAR}(?:{_AND}(?:{_WEEKDAY})?{_DAY}{_ENDING}){{0,4}}\s*({_NAME}){_YEAR}",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"\b({_NAME})\s+({_DAY})(?:st|nd|rd|th)?\b(?!\.?\d)(?:{_AND}{_DAY}(?:st|nd|rd|th)?)?{_YEAR}", re.IGNORECASE
)
_NUMBERS: Final = re.compile(
    rf"\b({_DAY})\.(?:\s*(0?[1-9]|1[0-2])\.(?:((?:19|20)\d\d)|(\d\d)\b)?(?!\d))?"
    rf"(?:\s*(?:[-–—]|bis(?:\s+zum)?|und)\s*{_DAY}\.)?(?:\s*(0?[1-9]|1[0-2])\.\s?((?:19|20)\d\d))?"
)
_ISO: Final = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_PAST: Final = timedelta(days=75)  # how far before publication a day without a year may lie


@dataclass(frozen=True, slots=True)
class Written:
    """A day as it stands in a text, the first of several; and where: [start, end)."""

    day: date
    start: int
    end: int


def days(text: str, published: date) -> list[Written]:
    """Every day, in the order of the text; of a span its first."""
    found = [*_named(text, published), *_numbered(text, published), *_iso(text)]
    kept: list[Written] = []
    for each in sorted(found, key=lambda w: (w.start, -w.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _named(text: str, published: date) -> Iterator[Written]:
    for hit in _DAY_FIRST.finditer(text):
        day, own_month, own_year, month, year = hit.groups()
        yield from _written(hit, own_year or year, own_month or month, day, published)
    for hit in _MONTH_FIRST.finditer(text):
        month, day, year = hit.groups()
        yield from _written(hit, year, month, day, published)


def _numbered(text: str, published: date) -> Iterator[Written]:
    for hit in _NUMBERS.finditer(text):
        day, own_month, own_year, short, month, year = hit.groups()
        if own_month or month:
            yield from _written(
                hit, own_year or (short and f"20{short}") or year, own_month or month, day, published
            )


def _iso(text: str) -> Iterator[Written]:
    for hit in _ISO.finditer(text):
        if day := _date(int(hit[1]), int(hit[2]), int(hit[3])):
            yield Written(day, hit.start(), hit.end())


def _written(hit: re.Match[str], year: str | None, month: str, day: str, published: date) -> Iterator[Written]:
    number = int(month) if month.isdigit() else _MONTH_OF[month.casefold().rstrip(".")]
    years = (int(year),) if year else (published.year - 1, published.year, published.year + 1)
    likely = [found for each in years if (found := _date(each, number, int(day)))]
    if not year:
        likely = [found for found in likely if found >= published - _PAST][:1]
    for found in likely:
        yield Written(found, hit.start(), hit.end())


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
