"""What a subscription would have brought: shown before somebody saves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from shared.archive.found import FoundItem
from shared.archive.search import search
from shared.subscriptions.wishes import checked_query

EXAMPLES: Final = 3
TOO_MANY_PER_DAY: Final = 20  # instant mails beyond this are a flood


@dataclass(frozen=True, slots=True)
class Preview:
    """Matches in the last `days` days; `count` ends where the archive stops counting."""

    count: int
    days: int
    examples: tuple[FoundItem, ...]

    @property
    def too_many(self) -> bool:
        """Whether an instant subscription would flood its reader."""
        return self.count > TOO_MANY_PER_DAY * self.days


def would_have_matched(session: Session, query: str, now: datetime, days: int = 30) -> Preview:
    """What `query` would have matched. Raises QueryError."""
    query = checked_query(query)
    since = f"after:{(now - timedelta(days=days)).date().isoformat()}"
    page = search(session, f"({query}) {since}" if query else since, limit=EXAMPLES)
    return Preview(page.count, days, page.items)
