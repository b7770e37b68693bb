"""Taking an item out of the archive for good: it is gone from every list, and its addresses say so.

The id stays, so that nothing brings the item back: no later poll, no import, no replay. Call what writes under
`shared.archive.locks.alone`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from shared.archive import entries
from shared.archive.holdings import Holding, holding, load
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
from shared.archive.tallied import Counted
from shared.errors import Gone
from shared.store import memos

TEXTS: Final = "items.texts_forgotten"  # a memo: when texts of items were last taken out
_AT_ONCE: Final = 5_000  # ids of one query; databases limit their number


class Because(StrEnum):
    """Why an item was taken out; every page says it in the reader's language."""

    REQUEST = "request"  # somebody whom it concerns asked for it
    PUBLISHER = "publisher"  # the publisher withdrew it
    LAW = "law"  # a court or an authority demands it
    MISTAKE = "mistake"  # it should never have been collected
    TIME = "time"  # it was kept for as long as the operator's rule says


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
    held = holding(session, item_id)
    story = held.root if held else root_story(session, item_id)
    title = held.row.title if held else ""
    _keep_out(session, {item_id: story}, reason, now, note)
    if held is not None:
        _delete(session, {item_id: held})
    siblings = items_of_story(session, story)
    return Removal(_removed(session.get_one(RemovedItemRow, item_id)), held is not None, title, siblings)


def remove_all(session: Session, item_ids: Collection[str], reason: Because, now: datetime) -> int:
    """Take out those of these items that the archive has, and say how many."""
    if held := load(session, item_ids):
        _keep_out(session, {item_id: one.root for item_id, one in held.items()}, reason, now)
        _delete(session, held)
    return len(held)


def removed_among(session: Session, item_ids: Collection[str]) -> frozenset[str]:
    """Those of these ids that stay out."""
    wanted, found = sorted(item_ids), set[str]()
    for start in range(0, len(wanted), _AT_ONCE):
        among = col(RemovedItemRow.item_id).in_(wanted[start : start + _AT_ONCE])
        found.update(session.execute(select(col(RemovedItemRow.item_id)).where(among)).scalars())
    return frozenset(found)


def removed_items(session: Session) -> tuple[Removed, ...]:
    """Those that somebody had taken out, the newest first; what a rule took out is not among them."""
    by_hand = select(RemovedItemRow).where(col(RemovedItemRow.reason) != Because.TIME)
    newest = by_hand.order_by(col(RemovedItemRow.removed_at).desc(), col(RemovedItemRow.item_id))
    return tuple(map(_removed, session.execute(newest).scalars()))


def last_removal(session: Session) -> datetime | None:
    """When an item, or the text of one, was last taken out: lists that were read before may hold it."""
    last: datetime | None = session.execute(select(func.max(col(RemovedItemRow.removed_at)))).scalar_one()
    texts = memos.read(session, TEXTS)
    return max((at for at in (last, texts.at if texts else None) if at), default=None)


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


def _keep_out(
    session: Session, stories: Mapping[str, str], reason: Because, now: datetime, note: str = ""
) -> None:
    known = removed_among(session, stories)
    for item_id, story in stories.items():
        if item_id not in known:
            row = RemovedItemRow(item_id=item_id, story=story, reason=reason, note=note, removed_at=now)
            session.add(row)
    session.flush()


def _delete(session: Session, held: Mapping[str, Holding]) -> None:
    counted = Counted(session, held.values())
    counted.note_removed(held.values())
    entries.remove(session, held.values())
    at = [number(one.row) for one in held.values()]
    of_numbers = (ItemThemeRow, ItemOrganisationRow, ItemAnnouncementRow, ItemSpikeRow, ItemMeaningRow)
    for of_number in (*of_numbers, StoryKeyRow, StoryArrivalRow, SubjectRow):
        session.execute(delete(of_number).where(col(of_number.item).in_(at)))
    session.execute(delete(SubjectRow).where(col(SubjectRow.other).in_(at)))
    forget(session, held)
    for one in held.values():
        for row in (one.row, *one.verdicts, *one.sightings):
            session.expunge(row)
    for of_id in (RevisionRow, VerdictRow, CorrectionRow, SightingRow):
        session.execute(delete(of_id).where(col(of_id.item_id).in_(held)))
    session.execute(delete(ItemRow).where(col(ItemRow.id).in_(at)))
    session.flush()
    counted.write()


def _removed(row: RemovedItemRow) -> Removed:
    return Removed(row.item_id, row.story, Because(row.reason), row.note, row.removed_at)
