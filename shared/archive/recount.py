"""Counts the archive where it was not counted, or wrongly: newest items first, some at a time, resumable.

A memo keeps how far it is, in the transaction that does the work; an item that is written meanwhile is counted
with it, and not before. Whether tallies tell as many items as there are is asked at every look: a program of old,
which knew no tallies, may have written in between.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from shared.archive.locks import alone
from shared.archive.tables import ItemRow, SightingRow, TallyRow
from shared.archive.tallied import MEMO, VERSION, add, counted_from
from shared.archive.tallies import ALL, DAYS, Key, facts, keys
from shared.store import Store, memos

BATCH: Final = 400  # items in one transaction, some hundredths of a second
_ASKED: Final = "id item_id day sort_at country language sovereignty themes organisations model".split()


def left(session: Session) -> int:
    """How many items wait to be counted."""
    begin = counted_from(session)
    every = select(func.count()).select_from(ItemRow)
    waiting = every if begin is None else every.where(col(ItemRow.id) < begin)
    number: int = session.execute(waiting).scalar_one()
    return number


def step(store: Store) -> int:
    """Count the next items; how many they were, 0 when none waits."""
    with store.reading() as session:
        if counted_from(session) == 0 and _is_right(session):
            return 0
    with store.writing() as session:
        alone(store, session)  # who writes an item counts it, too
        begin = counted_from(session)
        if begin is None or (begin == 0 and not _is_right(session)):
            session.execute(delete(TallyRow))
            begin = (session.execute(select(func.max(col(ItemRow.id)))).scalar_one() or 0) + 1
        rows = _rows(session, begin)
        add(session, _counted(session, rows))
        below = rows[-1].id if len(rows) == BATCH else 0
        memos.write(session, MEMO, f"{VERSION}:{below}" if below else f"{VERSION}", store.now(session))
    return len(rows)


def _rows(session: Session, below: int) -> Sequence[Any]:
    columns = (col(getattr(ItemRow, name)) for name in _ASKED)
    newest = select(*columns).where(col(ItemRow.id) < below).order_by(col(ItemRow.id).desc()).limit(BATCH)
    return session.execute(newest).all()


def _counted(session: Session, rows: Sequence[Any]) -> Counter[Key]:
    seen: dict[str, list[str]] = defaultdict(list)
    ids = [row.item_id for row in rows]
    both = select(col(SightingRow.item_id), col(SightingRow.source)).where(col(SightingRow.item_id).in_(ids))
    for item_id, source in session.execute(both):
        seen[item_id].append(source)
    return Counter(key for row in rows for key in keys(facts(row, seen[row.item_id])))


def _is_right(session: Session) -> bool:
    """Whether as many items are counted as there are: in one statement, which sees one moment."""
    every = (col(TallyRow.field) == ALL, col(TallyRow.also) == ALL, col(TallyRow.span) < DAYS)
    tallied = select(func.coalesce(func.sum(col(TallyRow.items)), 0)).where(*every).scalar_subquery()
    there = select(func.count()).select_from(ItemRow).scalar_subquery()
    counted, items = session.execute(select(tallied, there)).one()
    return bool(counted == items)
