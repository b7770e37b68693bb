"""Packs texts and scores of an archive that an earlier program began, or unpacks all: newest first, resumable.

Nothing remembers how far it is: a text is packed or it is not. New ones are written in the new way from the first
step on. The index is put together, too: in the many pieces in which it grows it takes up to an eighth more room.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, or_, select, text, update
from sqlmodel import Session, SQLModel, col

from shared.archive.locks import alone
from shared.archive.packed_scores import ROOM
from shared.archive.search_schema import INDEX
from shared.archive.tables import ItemRow, RevisionRow, VerdictRow
from shared.store import Store, packing

BATCH: Final = 200  # items in one transaction
_PAGES: Final = 500  # of the index, that are put together in one
_TEXTS: Final = ("summary", "text")
_SCORES: Final = ("scores",)
_MERGE: Final = text(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('merge', :pages)")
_CHANGES: Final = text("SELECT total_changes()")


def left(session: Session, *, packs: bool) -> int:
    """How many items have something that is to be packed, or unpacked. Reads the whole table."""
    number: int = session.execute(
        select(func.count()).select_from(ItemRow).where(_waits(packs=packs))
    ).scalar_one()
    return number


def step(store: Store, below: int | None, *, packs: bool) -> Sequence[int]:
    """Pack or unpack the next items, of those with a lower `items.id`; which they were, none when it is done."""
    with store.writing() as session:
        alone(store, session)  # who writes an item meanwhile writes all of it
        packing.say(session.connection(), packs=packs)
        packing.look(session.connection())
        next_ = select(col(ItemRow.id), col(ItemRow.item_id)).where(_waits(packs=packs))
        next_ = next_ if below is None else next_.where(col(ItemRow.id) < below)
        found = session.execute(next_.order_by(col(ItemRow.id).desc()).limit(BATCH)).all()
        numbers, ids = [row[0] for row in found], [row[1] for row in found]
        _again(session, ItemRow, ("id",), (*_TEXTS, *_SCORES), numbers)
        _again(session, RevisionRow, ("item_id", "revision"), _TEXTS, ids)
        _again(session, VerdictRow, ("item_id", "revision", "model"), _SCORES, ids)
    return [row[0] for row in found]


def put_together(store: Store, *, first: bool) -> bool:
    """Put some pages of the index together; False when it is in one piece."""
    with store.writing() as session:
        connection = session.connection()
        before = connection.execute(_CHANGES).scalar_one()
        connection.execute(_MERGE, {"pages": -_PAGES if first else _PAGES})
        return bool(connection.execute(_CHANGES).scalar_one() - before > 1)


def _waits(*, packs: bool) -> Any:
    if not packs:
        return or_(*(_is(name, "blob") for name in (*_TEXTS, *_SCORES)))
    long = [_is(name, "text") & (func.length(col(getattr(ItemRow, name))) >= packing.LEAST) for name in _TEXTS]
    return or_(*long, _is("scores", "text") & (func.length(col(ItemRow.scores)) > ROOM))


def _is(name: str, kind: str) -> Any:
    return func.typeof(col(getattr(ItemRow, name))) == kind


def _again(
    session: Session, table: type[SQLModel], key: Sequence[str], names: Sequence[str], those: Sequence[Any]
) -> None:
    """Write these columns as the database now keeps them."""
    target: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    columns = [target.c[name] for name in (*key, *names)]
    rows = session.connection().execute(select(*columns).where(target.c[key[0]].in_(those))).all()
    if rows:
        at = (target.c[name] == bindparam(f"at_{name}") for name in key)
        named = (*(f"at_{name}" for name in key), *names)
        session.connection().execute(
            update(target).where(*at), [dict(zip(named, row, strict=True)) for row in rows]
        )
