"""The archive after a clock was put back: undated items stand where they were first seen, and that is now."""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.archive import arrivals
from shared.archive.holdings import load
from shared.archive.shelf import Shelf
from shared.archive.tables import ItemRow, StoryKeyRow
from shared.moments import SLACK

_AT_ONCE: Final = 500


def put_right(session: Session, now: datetime) -> None:
    """To be called before `first_seen` itself is put right, under the stories' lock."""
    undated = col(ItemRow.first_seen) > now + SLACK, col(ItemRow.published).is_(None)
    keys = update(StoryKeyRow).where(col(StoryKeyRow.item).in_(select(col(ItemRow.id)).where(*undated)))
    session.execute(keys.values(sort_at=now).execution_options(synchronize_session=False))
    moved = select(col(ItemRow.id)).where(*undated)
    arrivals.remember(session, list(session.execute(moved).scalars()))
    ids = session.execute(select(col(ItemRow.item_id)).where(*undated).order_by(col(ItemRow.id))).scalars().all()
    for start in range(0, len(ids), _AT_ONCE):
        shelf = Shelf(session, load(session, ids[start : start + _AT_ONCE]))
        for held in shelf.holdings.values():
            held.row.sort_at = now
        shelf.write_back()
