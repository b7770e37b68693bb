"""The archive for those who write it: one event, an item's current state.

Whole batches go through a `Shelf` of `shared.archive.shelf`. Call what writes under the stories' lock.
"""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive import rows
from shared.archive.holdings import holding, load
from shared.archive.shelf import Shelf, Written
from shared.archive.tables import ItemRow
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Purpose


def write(session: Session, classified: ClassifiedItem, purpose: Purpose, now: datetime) -> Written:
    """Take over a single event at once."""
    shelf = Shelf(session, load(session, [classified.item.item_id]))
    written = shelf.write(classified, purpose, now)
    shelf.write_back()
    return written


def archived_item(session: Session, item_id: str) -> ArchivedItem | None:
    """The item's current state, or None when the archive does not have it."""
    held = holding(session, item_id)
    return None if held is None else held.state()


def current_items(
    session: Session, *, since: datetime | None = None, after: str | None = None, limit: int = 500
) -> tuple[CollectedItem, ...]:
    """Current revisions in order of arrival: first seen at `since` or later, after the item id `after`."""
    wanted = select(ItemRow).order_by(col(ItemRow.id)).limit(limit)
    if since is not None:
        wanted = wanted.where(col(ItemRow.first_seen) >= since)
    if after is not None:
        place = select(col(ItemRow.id)).where(col(ItemRow.item_id) == after).scalar_subquery()
        wanted = wanted.where(col(ItemRow.id) > place)
    return tuple(map(rows.collected_of, session.execute(wanted).scalars()))
