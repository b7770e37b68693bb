"""Pure. When mails that come back are enough to stop sending: one from a mailbox that does not exist, or a score.

A mailbox that is full, or a server that refuses for days, may get well. So each day with such a mail counts one,
and what it counts fades: a reader of a daily digest whose mailbox is full is left alone after about a week, and
one whose mailbox is full now and then is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ENOUGH: Final = 5.0
HALF_LIFE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back. `permanent`: its mailbox does not exist."""

    at: datetime
    code: str
    permanent: bool


def score(bounces: Iterable[Bounce], now: datetime) -> float:
    """What these mails count now."""
    days = {bounce.at.date(): bounce.at for bounce in bounces}
    return sum(_left(now - at) for at in days.values())


def _left(age: timedelta) -> float:
    return float(0.5 ** (max(timedelta(), age) / HALF_LIFE))


def enough(bounces: Iterable[Bounce], now: datetime) -> bool:
    """Whether nothing more should be sent."""
    known = tuple(bounces)
    return any(bounce.permanent for bounce in known) or score(known, now) >= ENOUGH
