"""The history of stories: which item came to which, for the sake of which other, and why. Only ever added to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from shared.archive.evidence import Evidence
from shared.archive.tables import StoryEventRow
from shared.store.upsert import insert_all


@dataclass(frozen=True, slots=True)
class Event:
    """`item_id` came to `story` (or left it) for the sake of `other_id`."""

    item_id: str
    other_id: str
    story: str
    evidence: Evidence
    at: datetime
    note: str = ""


def record(session: Session, events: Sequence[Event]) -> None:
    """Add to the history."""
    rows = [
        {
            "item_id": each.item_id,
            "other_id": each.other_id,
            "story": each.story,
            "how": each.evidence.how.value,
            "evidence": each.evidence.plain(),
            "note": each.note,
            "at": each.at,
        }
        for each in events
    ]
    insert_all(session, StoryEventRow, rows)


def history(session: Session, items: Collection[str]) -> Sequence[Event]:
    """What happened to these items, in order."""
    mine = or_(col(StoryEventRow.item_id).in_(items), col(StoryEventRow.other_id).in_(items))
    return _read(session, select(StoryEventRow).where(mine))


def whole_history(session: Session) -> Sequence[Event]:
    """Everything that ever happened to a story, in order."""
    return _read(session, select(StoryEventRow))


def _read(session: Session, which: Select[StoryEventRow]) -> Sequence[Event]:
    rows = session.execute(which.order_by(col(StoryEventRow.id))).scalars()
    return [
        Event(row.item_id, row.other_id, row.story, Evidence.read(row.how, row.evidence), row.at, row.note)
        for row in rows
    ]
