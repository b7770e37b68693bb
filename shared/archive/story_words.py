"""People's words on stories: these two items tell one event, those two never do. Machines keep to them.

Call what writes under the stories' lock, as the archivist does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import delete, exists, or_, select
from sqlmodel import Session, col

from shared.archive.tables import StoryWordRow
from shared.store.upsert import upsert_all

Pair = tuple[str, str]  # item ids in order


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said of two items."""

    one: str
    other: str
    together: bool
    note: str
    said_at: datetime


def pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def say(
    session: Session, ones: Collection[str], others: Collection[str], now: datetime, *, together: bool, note: str
) -> None:
    """Keep a person's word on each of the ones with each of the others, in place of an earlier one."""
    pairs = sorted({pair(one, other) for one, other in product(ones, others) if one != other})
    said = {"together": together, "note": note, "said_at": now}
    upsert_all(session, StoryWordRow, ("one", "other"), [{"one": a, "other": b, **said} for a, b in pairs])


def apart(session: Session, items: Collection[str]) -> frozenset[Pair]:
    """The pairs with one of these items that never tell the same event."""
    never = col(StoryWordRow.together).is_(False)
    mine = or_(col(StoryWordRow.one).in_(items), col(StoryWordRow.other).in_(items))
    found = select(col(StoryWordRow.one), col(StoryWordRow.other)).where(never, mine)
    return frozenset((one, other) for one, other in session.execute(found))


def any_apart(session: Session) -> bool:
    """Whether people ever said of two items that they never tell the same event."""
    never = exists().where(col(StoryWordRow.together).is_(False))
    return bool(session.execute(select(never)).scalar_one())


def words_on(session: Session, items: Collection[str]) -> Sequence[Word]:
    """What people said of these items, the newest first."""
    mine = or_(col(StoryWordRow.one).in_(items), col(StoryWordRow.other).in_(items))
    found = select(StoryWordRow).where(mine).order_by(col(StoryWordRow.said_at).desc(), col(StoryWordRow.one))
    rows = session.execute(found).scalars()
    return [Word(row.one, row.other, row.together, row.note, row.said_at) for row in rows]


def forget(session: Session, items: Collection[str]) -> None:
    """Forget what was said of items that are taken out."""
    theirs = or_(col(StoryWordRow.one).in_(items), col(StoryWordRow.other).in_(items))
    session.execute(delete(StoryWordRow).where(theirs))
