"""Publications of one subject: kept for readers, apart from stories, and deciding nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from shared.archive.stories import ROOT
from shared.archive.tables import ItemRow, StoryAliasRow, SubjectRow
from shared.store import memos
from shared.store.upsert import upsert_all

MEMO: Final = "subjects"
ACROSS, WITHIN = 0.52, 0.55  # languages: what lies less near is told by names
SHOWN: Final = 10
AT_FIRST: Final = 5_000  # items, the newest, of an archive that never knew of subjects


@dataclass(frozen=True, slots=True)
class Subject:
    """Two items (`items.id`) and the cosines of their titles and texts."""

    item: int
    other: int
    title: float
    text: float

    @property
    def near(self) -> float:
        return (self.title + self.text) / 2


@dataclass(frozen=True, slots=True)
class Related:
    """A story of the same subject, by the publication that lies nearest to one of ours: `subject` says how near.

    `named`: not by nearness, but by what both name and count (`shared.comparison.pair`).
    """

    story: str
    title: str
    language: str
    source: str
    subject: Subject
    named: bool = False


def done(session: Session) -> int:
    """Up to which item (`items.id`) neighbours are known."""
    memo = memos.read(session, MEMO)
    if memo is not None:
        return int(memo.text)
    newest: int = session.execute(select(func.max(col(ItemRow.id)))).scalar_one() or 0
    return max(0, newest - AT_FIRST)  # who has an archive of years reads the newest


def next_items(session: Session, after: int, limit: int) -> Sequence[int]:
    """The next items in order of arrival."""
    wanted = select(col(ItemRow.id)).where(col(ItemRow.id) > after).order_by(col(ItemRow.id)).limit(limit)
    return list(session.execute(wanted).scalars())


def keep(session: Session, found: Collection[Subject], *, done: int, now: datetime) -> None:
    """Keep what was found, and how far that is."""
    rows = [{"item": each.item, "other": each.other, "title": each.title, "text": each.text} for each in found]
    upsert_all(session, SubjectRow, ("item", "other"), rows)
    memos.write(session, MEMO, str(done), now)


def related(session: Session, items: Collection[str], story: str) -> Sequence[Related]:
    """The stories of the same subject as these items of a story, the nearest first."""
    numbers = list(session.execute(select(col(ItemRow.id)).where(col(ItemRow.item_id).in_(items))).scalars())
    nearness = _nearness(session, numbers)
    found = (
        select(col(ItemRow.id), ROOT, col(ItemRow.title), col(ItemRow.language), col(ItemRow.source_name))
        .add_columns(col(ItemRow.source))
        .select_from(ItemRow)
        .outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
        .where(col(ItemRow.id).in_(nearness))
    )
    spoken = _languages(session, [*numbers, *nearness])
    told: dict[str, Related] = {}
    for number, root, title, language, name, source in session.execute(found):
        one = nearness[number]
        named = one.near < (WITHIN if spoken[one.item] == spoken[one.other] else ACROSS)
        best = told.get(root)
        if root != story and (best is None or one.near > best.subject.near):
            told[root] = Related(root, title, language, name or source, one, named)
    return sorted(told.values(), key=lambda each: (-each.subject.near, each.story))[:SHOWN]


def _languages(session: Session, numbers: Collection[int]) -> Mapping[int, str]:
    spoken = select(col(ItemRow.id), col(ItemRow.language)).where(col(ItemRow.id).in_(numbers))
    return dict(session.execute(spoken).all())


def _nearness(session: Session, numbers: Collection[int]) -> Mapping[int, Subject]:
    """Neighbour -> how near it lies at most."""
    mine = or_(col(SubjectRow.item).in_(numbers), col(SubjectRow.other).in_(numbers))
    near: dict[int, Subject] = {}
    for row in session.execute(select(SubjectRow).where(mine)).scalars():
        other = row.other if row.item in numbers else row.item
        one = Subject(row.item, row.other, row.title, row.text)
        if other not in numbers and (other not in near or near[other].near < one.near):
            near[other] = one
    return near
