"""The archive after a clock was put back: undated items stand where they were first seen, and that is now."""

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from shared.archive import arrivals
from shared.archive.tables import ItemRow, StoryKeyRow
from shared.moments import SLACK


def put_right(session: Session, now: datetime) -> None:
    """To be called before `first_seen` itself is put right, under the stories' lock."""
    undated = col(ItemRow.first_seen) > now + SLACK, col(ItemRow.published).is_(None)
    keys = update(StoryKeyRow).where(col(StoryKeyRow.item).in_(select(col(ItemRow.id)).where(*undated)))
    session.execute(keys.values(sort_at=now).execution_options(synchronize_session=False))
    moved = select(col(ItemRow.id)).where(*undated)
    arrivals.remember(session, list(session.execute(moved).scalars()))
    items = update(ItemRow).where(*undated).values(sort_at=now)
    session.execute(items.execution_options(synchronize_session=False))
