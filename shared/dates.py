"""Pure. Days as people of a language write them: one way in each, on pages as in mails."""

from datetime import date
from functools import lru_cache
from typing import Final

from babel.dates import format_date

LOCALES: Final = {"de": "de", "fr": "fr", "en": "en_GB"}  # English dates and numbers are written the European way


@lru_cache(maxsize=1024)  # the library takes a while, and many things happen on one day
def long_date(day: date, language: str) -> str:
    """`21. November 2026`, `21 novembre 2026`, `21 November 2026`"""
    long = format_date(day, "long", locale=LOCALES[language])
    return f"1er{long[1:]}" if language == "fr" and day.day == 1 else long  # CLDR's French knows no "1er"
