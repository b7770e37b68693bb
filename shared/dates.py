"""Pure. Days as people of a language write them: one way in each, on pages as in mails."""

from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

LOCALES: Final = {"de": "de", "fr": "fr", "en": "en_GB"}  # English dates and numbers are written the European way


@lru_cache(maxsize=1024)  # the library takes a while, and many things happen on one day
def long_date(day: date, language: str) -> str:
    """`21. November 2026`, `21 novembre 2026`, `21 November 2026`"""
    long = format_date(day, "long", locale=LOCALES[language])
    return f"1er{long[1:]}" if language == "fr" and day.day == 1 else long  # CLDR's French knows no "1er"


def long_moment(moment: datetime, zone: tzinfo, language: str) -> str:
    """`21. November 2026, 14:03`, in `zone`."""
    here = moment.astimezone(zone)
    return f"{long_date(here.date(), language)}, {here:%H:%M}"


def days(seconds: float, language: str) -> str:
    """How many days a span of time has, to a tenth: `2`, `1,5`, `1.5`."""
    return str(format_decimal(round(seconds / 86_400, 1), locale=LOCALES[language]))
