"""Pure. Reads the dates that German, French and English publishers write.

Written decisions. A date without a zone is in that of its source's country, Europe/Berlin when unknown: what we
watch is written in Central Europe, and UTC would be wrong by an hour or two. A date without a time of day is
midnight UTC. Midnight as written is no time either but the publisher's day, and so is a moment in GMT that is
midnight where the source is: software that knows only days writes them so. `CET` is one hour ahead of UTC, in
summer too, where its writer may have meant `CEST`. A year or a month alone is no date: the day would be made up.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "Europe/Berlin"
EARLIEST: Final = 1990  # an earlier year is a default of somebody's software (`0001-01-01`, the epoch), not a date
_ZONES_BY_COUNTRY: Final = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CA": "America/Toronto",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "EU": "Europe/Brussels",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "LU": "Europe/Luxembourg",
    "NL": "Europe/Amsterdam",
    "UK": "Europe/London",
    "US": "America/New_York",
}


def zone_of(country: str) -> tzinfo:
    """The zone in which a source of `country` (ISO 3166) writes dates that name none."""
    return ZoneInfo(_ZONES_BY_COUNTRY.get(country.upper(), DEFAULT_ZONE))


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as it was meant: the moment in UTC and, where only a day was meant, the day as written."""

    moment: datetime
    day: date | None = None


def parse_date(written: str, zone: tzinfo) -> datetime | None:
    """The moment that `written` means, in UTC; None where it means none. Never raises."""
    dated = read_date(written, zone)
    return dated.moment if dated else None


def read_date(written: str, zone: tzinfo) -> Dated | None:
    """What `written` means; None where it means no day. Never raises."""
    text = _folded(written[:200])
    try:
        dated = _standard(text, zone) or _unix_time(text, zone) or _calendar_date(text, zone)
    except (ValueError, OverflowError, OSError):
        return None
    # seen through any zone, the epoch is still the epoch
    return dated if dated and dated.moment >= datetime(EARLIEST, 1, 1, tzinfo=UTC) - timedelta(days=1) else None


def read_day_of_year(written: str) -> tuple[int, int] | None:
    """Month and day of what says these alone: `Mo, 12. Januar`, `3 mai à 14h`, `12.01.`, `01-12`. Never raises."""
    text = _folded(written[:80])
    if found := _DAY_OF_YEAR.fullmatch(text):
        day, month = int(found[1]), _MONTHS.get(found[2], 0)
    elif found := _OF_MONTH.fullmatch(text):
        day, month = int(found[2]), _MONTHS.get(found[1], 0)
    elif found := _NUMBERS.fullmatch(text):
        day, month = int(found[1]), int(found[2])
    elif found := _MONTH_AND_DAY.fullmatch(text):
        day, month = int(found[2]), int(found[1])
    else:
        return None
    return (month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def told_by_others(written: str, moment: datetime) -> Dated | None:
    """What another reader made of `written`, which says nothing to us; None where it made up a day."""
    made_up = _VAGUE.fullmatch(written.strip()) or moment.year < EARLIEST
    # what is read without a time of day is midnight there, too
    return None if made_up else _dated(moment, UTC)


def _standard(text: str, zone: tzinfo) -> Dated | None:
    """What RFC 822 and RFC 3339 prescribe, as nearly all feeds have it: read at once, to the same end."""
    if found := _RFC_822.fullmatch(text):
        day, name, year, hour, minute, second, sign, ahead, more = found.groups()
        month = _MONTHS.get(name, 0)
    elif found := _RFC_3339.fullmatch(text):
        year, named, day, hour, minute, second, sign, ahead, more = found.groups()
        month = int(named)
    else:
        return None
    if not month:
        return None
    away = timedelta(hours=int(ahead or 0), minutes=int(more or 0))
    moment = datetime(
        int(year),
        month,
        int(day),
        int(hour),
        int(minute),
        int(second),
        tzinfo=timezone(-away if sign == "-" else away),
    )
    return _dated(moment, zone)


def _unix_time(text: str, zone: tzinfo) -> Dated | None:
    """Seconds, or milliseconds, since the epoch: what some software writes where a date belongs."""
    if not (found := _UNIX.fullmatch(text)):
        return None
    digits = found[1] or found[2]
    seconds = int(digits) / (1000 if len(digits) == 13 else 1)
    return _dated(datetime.fromtimestamp(seconds, UTC), zone)


def _calendar_date(text: str, zone: tzinfo) -> Dated | None:
    text = _first_of_a_span(text)
    readers = (_compact, _week_day, _iso_day, _numeric_day, _day_month, _month_day)
    day = next((found for reader in readers if (found := reader(text))), None)
    if day is None:
        return None
    year, month, number, rest = day
    hour, minute, second, rest, timed = _time(rest)
    if not timed:
        return Dated(datetime(year, month, number, tzinfo=UTC), date(year, month, number))
    if hour > 24:
        return None
    midnight = datetime(year, month, number, tzinfo=_zone(rest) or zone)
    second = min(second, 59)  # a leap second is of the minute that it ends
    # hours added, not set: `24:00` is written, and means the next day
    return _dated(midnight + timedelta(hours=hour, minutes=minute, seconds=second), zone)


def _dated(moment: datetime, zone: tzinfo) -> Dated:
    """A moment that is midnight as it was written, or in GMT and midnight at the source, stands for its day."""
    utc = moment.astimezone(UTC)
    if moment.time() == MIDNIGHT:
        return Dated(utc, moment.date())
    if not moment.utcoffset() and (local := moment.astimezone(zone)).time() == MIDNIGHT:
        return Dated(utc, local.date())
    return Dated(utc)


_MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "january januar jaenner janner janvier jan janv",
            "february februar feber fevrier feb fev fevr",
            "march marz maerz mars mar mrz mae",
            "april avril apr avr",
            "may mai",
            "june juni juin jun",
            "july juli juillet jul juil",
            "august aout aug",
            "september septembre sep sept",
            "october oktober octobre oct okt",
            "november novembre nov",
            "december dezember decembre dec dez",
        ),
        1,
    )
    for name in names.split()
}
_LETTERS: Final = {
    name[:length]: {number for other, number in _MONTHS.items() if other.startswith(name[:length])}
    for name in _MONTHS
    for length in range(3, len(name))
}
# `nove`, `octo`: cut somewhere, and still one month alone
_MONTHS.update((cut, min(numbers)) for cut, numbers in _LETTERS.items() if len(numbers) == 1)

# Hours ahead of UTC. German: MEZ, MESZ. French: HNEC and HEC (winter), HAEC and HEEC (summer); Canada: HNE, HAE.
_ZONES: Final[Mapping[str, float]] = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "wez": 0,
    "west": 1, "wesz": 1, "bst": 1, "cet": 1, "mez": 1, "hec": 1, "hnec": 1, "met": 1,
    "cest": 2, "mesz": 2, "haec": 2, "heec": 2, "mest": 2, "eet": 2, "oez": 2,
    "eest": 3, "oesz": 3, "msk": 3,
    "edt": -4, "hae": -4, "est": -5, "hne": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip

MIDNIGHT: Final = time(0)
_VAGUE: Final = re.compile(r"\d{1,12}|\d{4}-\d{1,2}|\D*\d{4}\D*")  # numbers; a year or a month alone
_CLOCK: Final = r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
_RFC_822: Final = re.compile(
    rf"(?:[a-z]{{3}}, )?(\d\d?) ([a-z]{{3}}) (\d{{4}}) {_CLOCK} (?:gmt|([+-])(0\d|1[0-4])([0-5]\d))"
)
_RFC_3339: Final = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)t{_CLOCK}(?:\.\d+)?(?:z|([+-])(0\d|1[0-4]):([0-5]\d))")
_UNIX: Final = re.compile(r"(\d{9,10}|\d{13})(?:\.\d+)?|/date\((\d{12,13})(?:[+-]\d{4})?\)/")  # or as .NET has it
_COMPACT: Final = re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?\b")
_WEEK: Final = re.compile(r"\b(\d{4})-?w(\d{2})-?([1-7])\b")
_EAST: Final = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_ISO: Final = re.compile(r"\b(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?=\D|$)|\b(\d{4})(\d{2})(\d{2})(?=t\d|\b)")
_COMPACT_TIME: Final = re.compile(r"^t(\d{2})(\d{2})(\d{2})")
_HOUR_ALONE: Final = re.compile(r"^t(\d{2})(?=\s?(?:z|[+-]\d))")
_NUMERIC: Final = re.compile(r"\b(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_DAY_MONTH: Final = (
    re.compile(  # two digits are a year only where the end or a time follows: `12 janv. 14h30` has none
        r"\b(\d{1,2})(?:er|e|st|nd|rd|th)?[\s.,-]*(?:of |de )?([a-z]{3,9})[\s.,-]*"
        r"(\d{4}(?!\d)|\d{2}(?=\s*$|\s+\d{1,2}:\d{2}))"
    )
)
_MONTH_DAY: Final = re.compile(
    r"\b([a-z]{3,9})[\s.]*(\d{1,2})(?:st|nd|rd|th)?(?:\s?[–—-]\s?\d{1,2})?,?\s+(.*?)\b(\d{4})(?!\d)"
)
_TIME: Final = re.compile(
    r"(?:^|[\st,;|-])(\d{1,2})(?:\s?[:h]\s?|\.)(\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s?(am|pm|a\.m\.|p\.m\.)?(?!\d)"
    r"|(?:^|[\s,;|-])(\d{1,2})\s?(?:uhr|h|am|pm)\b"
)
_BEFORE: Final = r"(?:(?:[a-z]{2,10}[.,]?\s)?(?:am|vom|den|le|du|on)?\s?|[a-z]{2,10}[.,]\s?)"
_BEHIND: Final = r"[,|:\s–-]*(?:(?:um|a|at)?\s?\d{1,2}\s?[:h.]\s?(?:\d{2})?(?:\s?uhr)?)?"
_DAY_OF_YEAR: Final = re.compile(rf"{_BEFORE}(\d{{1,2}})(?:er|st|nd|rd|th)?[\s.]*([a-z]{{3,9}})\.?{_BEHIND}")
_OF_MONTH: Final = re.compile(rf"{_BEFORE}([a-z]{{3,9}})[\s.]*(\d{{1,2}})(?:st|nd|rd|th)?{_BEHIND}")
_NUMBERS: Final = re.compile(rf"{_BEFORE}(\d{{1,2}})\.\s?(\d{{1,2}})\.{_BEHIND}")
_MONTH_AND_DAY: Final = re.compile(r"(?:--)?(\d\d)-(\d\d)")  # as ISO 8601 has them
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})?\b|\b(?:gmt|utc)([+-])(\d)\b")
_ZONE_NAME: Final = re.compile(r"[a-z]{1,5}")

_TO: Final = r"\s?(?:[–—-]|bis(?: zum)?|au|et|und|to|and|&)\s?"
_DAYS_OF_MONTH: Final = re.compile(
    rf"\b(\d{{1,2}})(?:er|\.|st|nd|rd|th)?{_TO}\d{{1,2}}(?:\.|st|nd|rd|th)?\s(?=[a-z]{{3}})"
)
_DAYS_OF_MONTHS: Final = re.compile(
    rf"\b(\d{{1,2}})(?:er|\.)?\s([a-z]{{3,9}})\.?{_TO}\d{{1,2}}(?:er|\.)?\s([a-z]{{3,9}})\.?\s(\d{{4}})\b"
)
_DAYS_IN_NUMBERS: Final = re.compile(
    rf"\b(\d{{1,2}})\.(?:(\d{{1,2}})\.)?{_TO}\d{{1,2}}\.\s?(\d{{1,2}})\.\s?(\d{{4}})\b"
)

_Day = tuple[int, int, int, str]


def _first_of_a_span(text: str) -> str:
    """`12.-14. Mai 2026`, `28 nov. au 2 dec. 2026`, `29.12. - 2.1.2027`: what lasts begins on its first day."""
    if found := _DAYS_OF_MONTHS.search(text):
        first, last = _MONTHS.get(found[2], 0), _MONTHS.get(found[3], 0)
        day = f"{found[1]} {found[2]} {int(found[4]) - (first > last)}"
    elif found := _DAYS_IN_NUMBERS.search(text):
        first, last = int(found[2] or found[3]), int(found[3])
        day = f"{found[1]}.{first}.{int(found[4]) - (first > last)}"
    elif found := _DAYS_OF_MONTH.search(text):
        day, first = f"{found[1]} ", 1
    else:
        return text
    return f"{text[: found.start()]}{day}{text[found.end() :]}" if first else text


def _folded(text: str) -> str:
    if text.isascii():  # most are
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.replace("−", "-")).casefold()
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _iso_day(text: str) -> _Day | None:
    if found := _EAST.search(text):
        return int(found[1]), int(found[2]), int(found[3]), _around(text, found)
    if not (found := _ISO.search(text)):
        return None
    year, month, day = found.group(1, 3, 4) if found[1] else found.group(5, 6, 7)
    rest = _COMPACT_TIME.sub(r"t\1:\2:\3", _around(text, found))
    return int(year), int(month), int(day), _HOUR_ALONE.sub(r"t\1:00", rest)


def _compact(text: str) -> _Day | None:
    """`20261120100000`, `202611201000`: day and time in one number."""
    if not (found := _COMPACT.search(text)):
        return None
    year, month, day, *clock = found.groups()
    return int(year), int(month), int(day), f" {':'.join(filter(None, clock))} {text[found.end() :]}"


def _week_day(text: str) -> _Day | None:
    """`2026-W47-5`: the Friday of the year's 47th week."""
    if not (found := _WEEK.search(text)):
        return None
    day = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
    return day.year, day.month, day.day, _around(text, found)


def _numeric_day(text: str) -> _Day | None:
    """`12.03.2026` and `12/03/2026` are the 12th of March, unless that is no month."""
    if not (found := _NUMERIC.search(text)):
        return None
    day, month = int(found[1]), int(found[3])
    if month > 12 and found[2] == "/":
        day, month = month, day
    return _year(found[4]), month, day, _around(text, found)


def _day_month(text: str) -> _Day | None:
    for found in _DAY_MONTH.finditer(text):
        if month := _MONTHS.get(found[2]):
            return _year(found[3]), month, int(found[1]), _around(text, found)
    return None


def _month_day(text: str) -> _Day | None:
    """`March 12, 2026 14:00` and `Thu Mar 12 14:00:00 CET 2026`: what stands before the year may be the time."""
    for found in _MONTH_DAY.finditer(text):
        if month := _MONTHS.get(found[1]):
            return int(found[4]), month, int(found[2]), f"{found[3]} {_around(text, found)}"
    return None


def _around(text: str, found: re.Match[str]) -> str:
    """What stands around the day: the time, mostly behind it."""
    return f"{text[found.end() :]} {text[: found.start()]}"


def _year(digits: str) -> int:
    """RFC 2822 section 4.3: two digits under 50 are of this century."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _time(text: str) -> tuple[int, int, int, str, bool]:
    """Hour, minute, second, what follows, and whether a time is written at all."""
    found = _TIME.search(text)
    if not found:
        return 0, 0, 0, text, False
    hour = int(found[1] or found[5])
    marker = found[4] or (text[found.end() - 2 : found.end()] if found[5] else "") or ""
    if marker.startswith("p") and hour < 12:
        hour += 12
    elif marker.startswith("a") and hour == 12:
        hour = 0
    return hour, int(found[2] or 0), int(found[3] or 0), text[found.end() :], True


def _zone(text: str) -> tzinfo | None:
    """The zone that is written behind the time, or None. `+01:00` wins over a name before or after it."""
    if found := _OFFSET.search(text):
        hours, minutes = int(found[2] or found[5]), int(found[3] or 0)
        if hours <= 15 and minutes < 60:
            sign = -1 if "-" in (found[1], found[4]) else 1
            return timezone(timedelta(hours=hours, minutes=minutes) * sign)
    for name in _ZONE_NAME.findall(text):
        if name in _ZONES:
            return timezone(timedelta(hours=_ZONES[name]))
    return None
