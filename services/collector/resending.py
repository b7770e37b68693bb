"""Lets sources bring again what was collected and never came to the archive: a log that was made anew has lost it.

An entry keeps its item, its purpose and its lane; only its words are forgotten, so that the next poll sends them.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from shared.archive.tables import ItemRow, SightingRow
from shared.sources.tables import HeldEntry, SeenEntry, SourceRow

UNSENT = ""  # no document has such a content hash


@dataclass(frozen=True, slots=True)
class Resent:
    """How many entries are to come again, from how many sources, and how many releases have to be done again."""

    entries: int
    sources: int
    releases: int


def send_again(session: Session, now: datetime) -> Resent:
    """Forget what the archive does not have, and poll its sources at once, whole documents."""
    lost = session.execute(select(SeenEntry.source, SeenEntry.entry_key).where(_unarchived())).all()
    for source, key in lost:
        entry = update(SeenEntry).where(col(SeenEntry.source) == source, col(SeenEntry.entry_key) == key)
        session.execute(entry.values(content_hash=UNSENT))
    sources = {source for source, _ in lost}
    whole = {"etag": None, "last_modified": None, "body_hash": None, "last_body": None, "next_due": now}
    session.execute(update(SourceRow).where(col(SourceRow.id).in_(sources)).values(**whole))
    return Resent(len(lost), len(sources), _hold_again(session))


def _unarchived() -> ColumnElement[bool]:
    """Seen, and not in the archive: neither the item, nor that it was seen there, nor what its owner says now."""
    item = select(ItemRow.id).where(col(ItemRow.item_id) == col(SeenEntry.item_id))
    seen = select(SightingRow.item_id).where(
        col(SightingRow.item_id) == col(SeenEntry.item_id), col(SightingRow.source) == col(SeenEntry.source)
    )
    reworded = item.where(
        col(ItemRow.source) == col(SeenEntry.source), col(ItemRow.content_hash) != col(SeenEntry.content_hash)
    )
    return and_(col(SeenEntry.content_hash) != UNSENT, or_(~item.exists(), ~seen.exists(), reworded.exists()))


def _hold_again(session: Session) -> int:
    """What an operator released, and whose release never came to the archive, is held once more."""
    known = select(ItemRow.id).where(
        col(ItemRow.item_id) == col(HeldEntry.item_id), col(ItemRow.released_at).is_not(None)
    )
    undone = update(HeldEntry).where(col(HeldEntry.released_at).is_not(None), ~known.exists())
    done = session.execute(undone.values(released_at=None).execution_options(synchronize_session=False))
    return done.rowcount or 0  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
