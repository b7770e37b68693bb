"""Pure. Ages in place of dates: `vor 3 Tagen`, `il y a 2 heures`, `yesterday`.

They count from when the page was read. Weeks and months say no day.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from services.collector.dates import Dated

_UNITS: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_NAMES: Final = {
    "minute": "minute min min. minuten minutes",
    "hour": "std std. stunde stunden heure heures h hour hours",
    "day": "tag tagen jour jours day days",
}
_SPANS: Final = {name: _UNITS[unit] for unit, names in _NAMES.items() for name in names.split()}
_ONE: Final = frozenset(("einem", "einer", "un", "une", "a", "an"))
_NUMBER: Final = r"(\d{1,3}|einem|einer|une?|an?)"
_AGO: Final = re.compile(
    rf"\b(?:vor|il y a) {_NUMBER} ([a-z]+\.?)(?!\w)|\b{_NUMBER} ([a-z]+\.?) ago\b", re.IGNORECASE
)
_DAYS: Final = {0: "heute today aujourd'hui aujourd’hui", 1: "gestern yesterday hier", 2: "vorgestern avant-hier"}
_NAMED: Final = {name: days for days, names in _DAYS.items() for name in names.split()}
_DAY: Final = re.compile(
    r"[^\w]*([^\W\d][^\s,|·]*)(?:[\s,|·–-]+(?:(?:um|à|at) )?\d{1,2} ?[:h.] ?\d\d(?: ?uhr)?)?", re.IGNORECASE
)


def age(written: str) -> timedelta | None:
    """How long ago `written` says that it was; None where it says no such thing."""
    text = " ".join(written.split())
    if found := _AGO.search(text):
        number, unit = (found[1], found[2]) if found[1] else (found[3], found[4])
        span = _SPANS.get(unit.lower())
        return span * (1 if number.lower() in _ONE else int(number)) if span else None
    named = _DAY.fullmatch(text)
    days = _NAMED.get(named[1].lower()) if named else None
    return None if days is None else timedelta(days=days)


def day_of_age(written: str, today: date) -> Dated | None:
    """The day that is meant on a page that was read on `today`, as far as days can tell."""
    ago = age(written)
    if ago is None:
        return None
    day = today - timedelta(days=ago.days)
    return Dated(datetime(day.year, day.month, day.day, tzinfo=UTC), day)


def moment_of_age(written: str, at: datetime, zone: tzinfo) -> Dated | None:
    """The moment that is meant on a page that was read `at`: only a day where days are counted."""
    ago = age(written)
    if ago is None or ago >= timedelta(days=1) or not ago:
        return day_of_age(written, at.astimezone(zone).date())
    return Dated((at - ago).replace(second=0, microsecond=0))
