"""Pure. Header values: what we say of ourselves, and how long a server asks us to wait."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final

from shared.config import Settings

DAY: Final = 86_400.0


def user_agent(settings: Settings) -> str:
    """`Vigie/0.1.0 (+contact)`: publishers must be able to ask us to stop."""
    contact = settings.contact or settings.public_url or "no contact given; set VIGIE_CONTACT"
    printable = re.sub(r"[^\x20-\x7e]|[()]", "", contact)
    return f"Vigie/{version('vigie')} (+{printable})"


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, at most a day; None without a usable one."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(DAY, float(value.strip()[:9]))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(DAY, max(0.0, (aware - now).total_seconds()))


def max_age(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the answer is fresh, at most a day: Cache-Control before Expires, None without either."""
    control = headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return None
    if found := re.search(r"max-age\s*=\s*\"?(\d{1,9})", control):
        return min(DAY, float(found[1]))
    return retry_after(headers.get("expires"), now) if not control else None
