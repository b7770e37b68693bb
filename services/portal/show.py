"""Pure. Times, numbers and names as people of a language read them.

Times are shown in the zone that Germany and France share; the machine-readable value beside them is UTC.
"""

from datetime import date as Date
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from shared.dates import LOCALES, long_date, long_moment
from shared.themes import themes

ZONE: Final = ZoneInfo("Europe/Berlin")


def commands(text: str) -> Markup:
    """`text` in which what stands in backticks is code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def day(moment: datetime, language: str) -> str:
    """`21. November 2026`"""
    return date(moment.astimezone(ZONE).date(), language)


def date(day: Date, language: str) -> str:
    """`21. November 2026`"""
    return long_date(day, language)


def month(day: Date, language: str) -> str:
    """`November 2026`"""
    return format_date(day, "LLLL y", locale=LOCALES[language])


def full(moment: datetime, language: str) -> str:
    """Day, time and zone in words: what a reader gets who points at a date."""
    time = format_time(moment.astimezone(ZONE), "HH:mm zzzz", tzinfo=ZONE, locale=LOCALES[language])
    return f"{day(moment, language)}, {time}"


def time_of_day(moment: datetime, language: str) -> str:
    """`21. November 2026, 14:03`"""
    return long_moment(moment, ZONE, language)


def ago(moment: datetime, now: datetime, language: str) -> str:
    """`vor 3 Stunden`, `dans 5 minutes`."""
    return format_timedelta(moment - now, add_direction=True, locale=LOCALES[language])


def number(value: float, language: str) -> str:
    return format_decimal(value, locale=language)


def percent(value: float, language: str) -> str:
    return format_percent(round(value, 2), locale=language)


def percent_fine(value: float, language: str) -> str:
    """`2,4 %`: shares of much are small."""
    return format_percent(value, "#,##0.0\u00a0%" if language != "en" else "#,##0.0%", locale=language)


def country(code: str, language: str) -> str:
    """The country's name; an unknown code stays what it is."""
    return str(Locale(language).territories.get(code.upper(), code))


def tongue(code: str, language: str) -> str:
    """The language's name; an unknown code stays what it is."""
    return str(Locale(language).languages.get(code.lower(), code))


def theme(id_: str, language: str) -> str:
    """The theme's name; a theme that the taxonomy no longer has keeps its id."""
    known = themes().get(id_)
    return known.names[language] if known else id_


def plural(value: int, language: str) -> str:
    """Which form of a text a count takes: `one` or `many`. French counts nothing as one."""
    return "one" if value == 1 or (language == "fr" and value == 0) else "many"
