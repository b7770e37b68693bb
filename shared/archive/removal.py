"""Taking an item out of the archive for good: it is gone from every list, and its addresses say so.

The id stays, so that nothing brings the item back: no later poll, no import, no replay. Call what writes under
`shared.archive.locks.alone`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from shared.archive import entries
from shared.archive.holdings import holding
from shared.archive.rows import number
from shared.archive.stories import items_of_story, root_story, story_ids
from shared.archive.story_words import forget
from shared.archive.tables import (
    CorrectionRow,
    ItemAnnouncementRow,
    ItemMeaningRow,
    ItemOrganisationRow,
    ItemRow,
    ItemSpikeRow,
    ItemThemeRow,
    RemovedItemRow,
    RevisionRow,
    SightingRow,
    StoryArrivalRow,
    StoryKeyRow,
    SubjectRow,
    VerdictRow,
)
from shared.errors import Gone


class Because(StrEnum):
    """Why an item was taken out; every page says it in the reader's language."""

    REQUEST = "request"  # somebody whom it concerns asked for it
    PUBLISHER = "publisher"  # the publisher withdrew it
    LAW = "law"  # a court or an authority demands it
    MISTAKE = "mistake"  # it should never have been collected


@dataclass(frozen=True, slots=True)
class Removed:
    """An item that was taken out. `story` is the id of the story where it stood."""

    item_id: str
    story: str
    reason: Because
    note: str
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did. `was_there` is false for an item that only shall not come; `siblings` tell the same."""

    removed: Removed
    was_there: bool
    title: str
    siblings: Sequence[str]


def remove(session: Session, item_id: str, reason: Because, now: datetime, note: str = "") -> Removal:
    """Take the item out, or keep one out that never came. The reason that was given first stands."""
    row = session.execute(select(ItemRow).where(col(ItemRow.item_id) == item_id)).scalar_one_or_none()
    story = root_story(session, row.story if row else item_id)
    if session.get(RemovedItemRow, item_id) is None:
        session.add(RemovedItemRow(item_id=item_id, story=story, reason=reason, note=note, removed_at=now))
    if row is not None:
        title = row.title
        _delete(session, row)
    session.flush()
    siblings = items_of_story(session, story)
    return Removal(
        _removed(session.get_one(RemovedItemRow, item_id)), row is not None, title if row else "", siblings
    )


def removed_ids(session: Session) -> frozenset[str]:
    """The ids that stay out."""
    return frozenset(session.execute(select(col(RemovedItemRow.item_id))).scalars())


def removed_items(session: Session) -> tuple[Removed, ...]:
    """All of them, the newest first."""
    newest = select(RemovedItemRow).order_by(col(RemovedItemRow.removed_at).desc(), col(RemovedItemRow.item_id))
    return tuple(map(_removed, session.execute(newest).scalars()))


def last_removal(session: Session) -> datetime | None:
    """When something was last taken out: lists that were read before may hold it."""
    last: datetime | None = session.execute(select(func.max(col(RemovedItemRow.removed_at)))).scalar_one()
    return last


def refuse_removed(session: Session, item_id: str) -> None:
    """Raises Gone for an item that was taken out."""
    row = session.get(RemovedItemRow, item_id)
    if row is not None:
        raise _gone(row)


def refuse_removed_story(session: Session, story_id: str) -> None:
    """Raises Gone for a story of which every item was taken out."""
    stood_there = col(RemovedItemRow.story).in_(story_ids(session, story_id))
    newest = select(RemovedItemRow).where(stood_there).order_by(col(RemovedItemRow.removed_at).desc()).limit(1)
    row = session.execute(newest).scalar_one_or_none()
    if row is not None:
        raise _gone(row)


def _gone(row: RemovedItemRow) -> Gone:
    return Gone(f"{row.item_id} was removed: {row.reason}", row.reason, row.removed_at)


def _delete(session: Session, row: ItemRow) -> None:
    at = number(row)
    if held := holding(session, row.item_id):
        entries.remove(session, held)
    of_numbers = (ItemThemeRow, ItemOrganisationRow, ItemAnnouncementRow, ItemSpikeRow, ItemMeaningRow)
    for of_number in (*of_numbers, StoryKeyRow, StoryArrivalRow, SubjectRow):
        session.execute(delete(of_number).where(col(of_number.item) == at))
    session.execute(delete(SubjectRow).where(col(SubjectRow.other) == at))
    forget(session, row.item_id)
    for of_id in (RevisionRow, VerdictRow, CorrectionRow, SightingRow):
        session.execute(delete(of_id).where(col(of_id.item_id) == row.item_id))
    session.execute(delete(ItemRow).where(col(ItemRow.id) == at))
    session.expunge(row)


def _removed(row: RemovedItemRow) -> Removed:
    return Removed(row.item_id, row.story, Because(row.reason), row.note, row.removed_at)
