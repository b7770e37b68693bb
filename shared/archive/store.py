"""The archive for those who write it: one event, an item's current state.

Whole batches go through a `Shelf` of `shared.archive.shelf`. Call what writes under the stories' lock.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from shared.archive import rows
from shared.archive.holdings import holding, load
from shared.archive.meanings import without
from shared.archive.shelf import Shelf, Written
from shared.archive.tables import GIVEN_UP, ItemRow, RevisionRow
from shared.items import ArchivedItem, ClassifiedItem, CollectedItem, Purpose

_WHOLE: Final = col(ItemRow.text_missing) != GIVEN_UP


def write(session: Session, classified: ClassifiedItem, purpose: Purpose, now: datetime) -> Written:
    """Take over a single event at once."""
    coming = [classified.item.item_id]
    shelf = Shelf(session, load(session, coming), coming=coming)
    written = shelf.write(classified, purpose, now)
    shelf.write_back()
    return written


def archived_item(session: Session, item_id: str) -> ArchivedItem | None:
    """The item's current state, or None when the archive does not have it."""
    held = holding(session, item_id)
    return None if held is None else held.state()


def first_fetched(session: Session, item_ids: Collection[str]) -> Mapping[str, datetime]:
    """Item -> when the wording that it came with was fetched, for those that the archive has."""
    earlier = (
        select(col(RevisionRow.item_id), func.min(col(RevisionRow.fetched_at)).label("first"))
        .where(col(RevisionRow.item_id).in_(item_ids))
        .group_by(col(RevisionRow.item_id))
        .subquery()
    )
    found = (
        select(col(ItemRow.item_id), col(ItemRow.fetched_at), earlier.c["first"])
        .join(earlier, earlier.c["item_id"] == col(ItemRow.item_id), isouter=True)
        .where(col(ItemRow.item_id).in_(item_ids))
    )
    rows_ = session.execute(found).all()
    return {item_id: fetched if first is None else min(first, fetched) for item_id, fetched, first in rows_}


def current_items(
    session: Session,
    *,
    since: datetime | None = None,
    after: str | None = None,
    unless_model: str | None = None,
    unless_meaning: str | None = None,
    limit: int = 500,
) -> tuple[CollectedItem, ...]:
    """Current revisions in order of arrival: first seen at `since` or later, after the item id `after`.

    With `unless_model` only those whose verdict that counts is of another model; with `unless_meaning` also those
    that have no vectors of that version. One whose text was given up keeps the tags that its text gave it.
    """
    wanted = (
        select(ItemRow).where(*_among(since, unless_model, unless_meaning)).order_by(col(ItemRow.id)).limit(limit)
    )
    wanted = wanted.where(_WHOLE)
    if after is not None:
        place = select(col(ItemRow.id)).where(col(ItemRow.item_id) == after).scalar_subquery()
        wanted = wanted.where(col(ItemRow.id) > place)
    return tuple(map(rows.collected_of, session.execute(wanted).scalars()))


def count_current(
    session: Session,
    *,
    since: datetime | None = None,
    unless_model: str | None = None,
    unless_meaning: str | None = None,
    whole: bool = False,
) -> int:
    """How many current revisions there are, of the same choice. Reads the whole table.

    With `whole` those without a text that was given up do not count, as `current_items` does not give them.
    """
    counted = select(func.count()).select_from(ItemRow).where(*_among(since, unless_model, unless_meaning))
    counted = counted.where(_WHOLE) if whole else counted
    number: int = session.execute(counted).scalar_one()
    return number


def _among(since: datetime | None, model: str | None, meaning: str | None) -> Sequence[ColumnElement[bool]]:
    since_then = [col(ItemRow.first_seen) >= since] if since is not None else []
    other = [col(ItemRow.model) != model] if model is not None else []
    meant = [without(meaning)] if meaning is not None else []
    return [*since_then, *([or_(*other, *meant)] if other or meant else [])]
