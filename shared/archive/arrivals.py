"""What was grouped lately, in the order of commits, and what is needed of it to find its neighbours.

Who groups looks for neighbours before it takes the stories' lock, and under it only at what arrived since.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, delete, func, or_, select
from sqlmodel import Session, col

from shared.archive.tables import ItemMeaningRow, ItemRow, StoryArrivalRow
from shared.store.upsert import insert_all

KEPT: Final = 5_000  # arrivals; who slept longer reads everything again


@dataclass(frozen=True, slots=True)
class Meant:
    """An item (`items.id`) with its vectors, whatever their version.

    `lately` is when it last was new: where it stands in time, or when it came, unless that was in bulk.
    """

    item: int
    source: str
    language: str
    sort_at: datetime
    lately: datetime
    version: str
    title: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Arrived:
    """Items that arrived after some moment, and the moment now. None: too many to tell."""

    seq: int
    items: frozenset[int] | None


def arrived(session: Session, after: int) -> Arrived:
    """What arrived after `after` (0: from the beginning)."""
    most = KEPT // 2
    found = select(col(StoryArrivalRow.seq), col(StoryArrivalRow.item)).where(col(StoryArrivalRow.seq) > after)
    rows = session.execute(found.order_by(col(StoryArrivalRow.seq)).limit(most + 1)).all()
    if not rows:
        return Arrived(after, frozenset())
    if len(rows) > most:
        return Arrived(session.execute(select(func.max(col(StoryArrivalRow.seq)))).scalar_one(), None)
    return Arrived(rows[-1].seq, frozenset(row.item for row in rows))


def remember(session: Session, items: Collection[int]) -> None:
    """Let everybody know that these were grouped. Call it under the stories' lock."""
    insert_all(session, StoryArrivalRow, [{"item": item} for item in sorted(items)])


def forget_old(session: Session) -> None:
    """Keep the newest."""
    last: int = session.execute(select(func.max(col(StoryArrivalRow.seq)))).scalar_one() or 0
    session.execute(delete(StoryArrivalRow).where(col(StoryArrivalRow.seq) <= last - KEPT))


def meant_since(session: Session, since: datetime) -> Sequence[Meant]:
    """The items that were new at `since` or later (`Meant.lately`) and have vectors of their present wording."""
    came = and_(col(ItemRow.first_seen) >= since, col(ItemRow.entered_in_bulk).is_(False))
    return _meant(session, or_(col(ItemRow.sort_at) >= since, came))


def meant_between(session: Session, since: datetime, until: datetime) -> Sequence[Meant]:
    """Those that stand between the two moments."""
    return _meant(session, col(ItemRow.sort_at).between(since, until))


def meant_among(session: Session, items: Collection[int]) -> Sequence[Meant]:
    """Those of these items that have vectors of their present wording."""
    return _meant(session, col(ItemRow.id).in_(items)) if items else ()


def _meant(session: Session, which: object) -> Sequence[Meant]:
    found = (
        select(
            col(ItemRow.id),
            col(ItemRow.source),
            col(ItemRow.language),
            col(ItemRow.sort_at),
            col(ItemRow.first_seen),
            col(ItemRow.entered_in_bulk),
            col(ItemMeaningRow.version),
            col(ItemMeaningRow.title),
            col(ItemMeaningRow.text),
        )
        .join(ItemMeaningRow, col(ItemMeaningRow.item) == col(ItemRow.id))
        .where(which, col(ItemMeaningRow.content_hash) == col(ItemRow.content_hash))  # type: ignore[arg-type]
        .order_by(col(ItemRow.id))
    )
    return [
        Meant(item, source, language, at, at if in_bulk else max(at, came), *vectors)
        for item, source, language, at, came, in_bulk, *vectors in session.execute(found)
    ]
