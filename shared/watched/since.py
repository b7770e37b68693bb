"""Pure. Since when, as people write it: a day, a moment, or an age."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from shared.errors import BadInput

_AGE: Final = re.compile(r"(\d{1,5})([mhd])")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def since_of(text: str, now: datetime, calendar: tzinfo) -> datetime:
    """A day begins in the zone of the calendar; a time without a zone is in UTC. Raises BadInput."""
    written = text.strip()
    if age := _AGE.fullmatch(written):
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        told = "Write 2026-03-02, 2026-03-02T09:00:00Z, or an age as in 7d."
        raise BadInput(f"{written[:60]!r} is no time. {told}") from error
    if _DAY.fullmatch(written):
        return datetime.combine(at.date(), time(), calendar)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
