"""What a subscription would have brought: shown before somebody saves it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from shared.archive.found import FoundItem
from shared.archive.search import search
from shared.archive.store import archived_item
from shared.query.impossible import contradiction
from shared.query.match import document_of
from shared.query.syntax import parse
from shared.subscriptions.reasons import reasons
from shared.subscriptions.wishes import checked_query
from shared.subscriptions.words import Why

EXAMPLES: Final = 3
REASONS: Final = 3  # of each
TOO_MANY_PER_DAY: Final = 20  # instant mails beyond this are a flood


@dataclass(frozen=True, slots=True)
class Preview:
    """Matches in the last `days` days; `count` ends where the archive stops counting.

    `never` is what of the query can never hold together: it will find nothing, ever.
    """

    count: int
    days: int
    examples: tuple[FoundItem, ...]
    why: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)
    never: str = ""

    @property
    def too_many(self) -> bool:
        """Whether an instant subscription would flood its reader."""
        return self.count > TOO_MANY_PER_DAY * self.days


def would_have_matched(session: Session, query: str, now: datetime, days: int = 30) -> Preview:
    """What `query` would have matched. Raises QueryError."""
    query = checked_query(query)
    since = f"after:{(now - timedelta(days=days)).date().isoformat()}"
    page = search(session, f"({query}) {since}" if query else since, limit=EXAMPLES)
    never = contradiction(parse(query).node)
    return Preview(
        page.count, days, page.items, dict(_why(session, query, page.items)), never.echo() if never else ""
    )


def _why(session: Session, query: str, found: Iterable[FoundItem]) -> Iterator[tuple[str, tuple[Why, ...]]]:
    parsed = parse(query)
    for each in found:
        item = archived_item(session, each.item_id)
        if item is not None:
            yield each.item_id, reasons(parsed, item, document_of(item))[:REASONS]
