"""What a mail told, for the page that shows it whole: its items, and nothing of whom it went to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from shared.errors import NotFound
from shared.subscriptions.tables import DeliveryRow, MatchRow
from shared.subscriptions.words import OF_MATCHES, OF_STORIES, Kind


@dataclass(frozen=True, slots=True)
class Issue:
    """A mail with stories. `items` are the ids of what it was about, in the order in which they matched."""

    at: datetime
    items: Sequence[str]


def issue(session: Session, mail: str) -> Issue:
    """Raises NotFound where there is no such mail any more."""
    row = session.get(DeliveryRow, mail)
    if row is None or row.kind not in OF_STORIES:
        raise NotFound("this issue does not exist any more")
    at = row.sent_at or row.created_at
    if row.kind not in OF_MATCHES:
        named = row.about.split()
        return Issue(at, tuple(named[1:] if row.kind == Kind.SAMPLE else named))
    told = select(MatchRow.item_id).where(MatchRow.delivery_id == mail).order_by(col(MatchRow.id))
    return Issue(at, tuple(dict.fromkeys(session.exec(told).all())))
