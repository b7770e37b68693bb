"""The vectors of items: kept beside them, read for many at once. Call what writes under the stories' lock."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from shared.archive.tables import ItemMeaningRow, ItemRow
from shared.meaning.kept import Vectors
from shared.store.upsert import upsert_all


def keep(session: Session, meanings: Mapping[int, tuple[str, Vectors]]) -> None:
    """Keep what items say (`items.id` -> content hash and vectors), in place of what they said before."""
    rows = [
        {
            "item": item,
            "content_hash": content_hash,
            "version": vectors.version,
            "title": vectors.title,
            "text": vectors.text,
        }
        for item, (content_hash, vectors) in meanings.items()
    ]
    upsert_all(session, ItemMeaningRow, ("item",), rows)


def meanings(session: Session, items: Collection[int], version: str) -> Mapping[int, Vectors]:
    """`items.id` -> the vectors of this version of the item's present wording, for those that have them."""
    found = session.exec(
        select(ItemMeaningRow)
        .join(ItemRow, _current())
        .where(col(ItemMeaningRow.item).in_(items), col(ItemMeaningRow.version) == version)
    ).all()
    return {row.item: Vectors(row.version, row.title, row.text) for row in found}


def without(version: str) -> ColumnElement[bool]:
    """The rows of `items` whose present wording has no vectors of this version."""
    return ~exists().where(_current(), col(ItemMeaningRow.version) == version)


def _current() -> ColumnElement[bool]:
    return (col(ItemMeaningRow.item) == col(ItemRow.id)) & (
        col(ItemMeaningRow.content_hash) == col(ItemRow.content_hash)
    )
