"""Pure. Days, months and times of day that a text names, in German, French and English, as values that compare.

A day without a year is the same as that day in any year; a month likewise. Bare years are numbers.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_MONTHS: Final = (
    "januar jänner january janvier jan",
    "februar feber february février fevrier feb",
    "märz maerz march mars mrz",
    "april avril apr",
    "mai may",
    "juni june juin",
    "juli july juillet",
    "august août aout aug",
    "september septembre sept",
    "oktober october octobre okt oct",
    "november novembre nov",
    "dezember december décembre decembre dez dec",
)
MONTHS: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR: Final = r"(?P<year>(?:1[5-9]|20)\d\d)"
_ORDINAL: Final = r"(?:\s?(?:er|st|nd|rd|th))?"
_DAY: Final = rf"(?P<day>[0-3]?\d){_ORDINAL}\.?"
_UNTIL: Final = rf"(?:[0-3]?\d{_ORDINAL}\.?\s*(?:-|–|—|/|bis|und|et|au|to|and|,)\s*(?:le\s+|the\s+)?(?:zum\s+)?)?"

_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_YEAR}-(?P<digits>[01]?\d)-(?P<day>[0-3]?\d)\b",
        rf"(?<![\d.])(?P<day>[0-3]?\d)[./]\s?(?P<digits>[01]?\d)[./]\s?{_YEAR}\b",
        rf"(?<![\d.,])(?P<before>{_UNTIL}){_DAY}\s*(?:of\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?:de\s+l.an\s+)?{_YEAR})?",
        rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>[0-3]?\d){_ORDINAL}\b(?!\d)(?!\s?(?:%|Uhr|h\b))(?:,\s*{_YEAR})?",
        rf"\b(?P<month>{_MONTH})\.?\s+(?:de\s+)?{_YEAR}\b",
    )
)
_SEVERAL: Final = re.compile(r"[0-3]?\d")
_CLOCK: Final = re.compile(
    r"(?<![\d.,:])(?P<hour>[012]?\d)(?:"
    r"\s?(?:h|heures?)\s?(?P<h_minute>[0-5]\d)?\b(?!-)"
    r"|[.:](?P<minute>[0-5]\d)\s*(?P<half>Uhr|[ap]\.?m\b\.?)"
    r"|\s*(?P<bare>Uhr|[ap]\.?m\b\.?)(?:\s(?P<behind>[0-5]\d)\b)?"
    r"|:(?P<plain>[0-5]\d)(?![\d:]))",
    re.IGNORECASE,
)
_NOON: Final = 12


class Moment(NamedTuple):
    """A day (`year` 0: none is said), a month (`day` 0) or a time of day (`month` 0: `day` hours, `year` minutes).

    `start` and `end` tell where it stands.
    """

    start: int
    end: int
    year: int
    month: int
    day: int

    def is_time(self) -> bool:
        return not self.month

    def meets(self, other: "Moment") -> bool:
        """Whether both may be the same."""
        if (self.month, self.day) != (other.month, other.day):
            return False
        return self.year == other.year or (bool(self.month) and 0 in (self.year, other.year))


def moments(text: str) -> list[Moment]:
    """Every one, none within another."""
    found: list[Moment] = []
    taken: list[tuple[int, int]] = []
    for each in (*_days(text), *_times(text)):
        here = [(start, end) for start, end in taken if start < each.end and each.start < end]
        if all(span == (each.start, each.end) for span in here):  # 11. und 12. November: two days in one place
            found.append(each)
            taken.append((each.start, each.end))
    return found


def _days(text: str) -> Iterator[Moment]:
    for pattern in _PATTERNS:
        for hit in pattern.finditer(text):
            parts = hit.groupdict()
            month = int(parts["digits"]) if parts.get("digits") else MONTHS[parts["month"].lower()]
            year = int(parts["year"] or 0)
            days = [*_SEVERAL.findall(parts.get("before") or ""), parts.get("day") or "0"]
            for day in map(int, days):
                if 1 <= month <= 12 and day <= 31:
                    yield Moment(hit.start(), hit.end(), year, month, day)


def _times(text: str) -> Iterator[Moment]:
    for hit in _CLOCK.finditer(text):
        parts = hit.groupdict()
        hour = int(parts["hour"])
        minute = int(parts["h_minute"] or parts["minute"] or parts["behind"] or parts["plain"] or 0)
        half = (parts["half"] or parts["bare"] or "").lower().replace(".", "")
        if half == "pm" and hour < _NOON:
            hour += _NOON
        elif half == "am" and hour == _NOON:
            hour = 0
        if hour <= 24:
            yield Moment(hit.start(), hit.end(), minute, 0, hour % 24)
