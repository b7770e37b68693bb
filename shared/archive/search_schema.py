"""The full-text index: four columns of our own analysed terms per item, under `items.id`.

The texts are analysed by `shared.text.analyse`, never by the engine: one analyser indexes, searches and matches
alerts. On SQLite an FTS5 table, which keeps what it indexes because FTS5 can delete from a contentless table only
since SQLite 3.43; on PostgreSQL four `tsvector` columns of the configuration `simple`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session

from shared.archive.words import Words

COLUMNS: Final = Words._fields

_FTS5: Final = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS item_search USING fts5(
    {", ".join(COLUMNS)}, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
)
"""
_VECTORS: Final = (
    f"CREATE TABLE IF NOT EXISTS item_search "
    f"(item bigint PRIMARY KEY, {', '.join(f'{name} tsvector NOT NULL' for name in COLUMNS)})",
    *(f"CREATE INDEX IF NOT EXISTS item_search_{name} ON item_search USING gin ({name})" for name in COLUMNS),
)
_TO_FTS5: Final = (
    text("DELETE FROM item_search WHERE rowid = :item"),
    text(
        f"INSERT INTO item_search (rowid, {', '.join(COLUMNS)}) "
        f"VALUES (:item, {', '.join(f':{name}' for name in COLUMNS)})"
    ),
)
_VECTOR_OF: Final = "to_tsvector('simple', :{})"
_TO_VECTORS: Final = (
    text("DELETE FROM item_search WHERE item = :item"),
    text(
        f"INSERT INTO item_search (item, {', '.join(COLUMNS)}) "
        f"VALUES (:item, {', '.join(map(_VECTOR_OF.format, COLUMNS))})"
    ),
)


def create(connection: Connection) -> None:
    """Make the index where it is missing."""
    for statement in (_FTS5,) if connection.dialect.name == "sqlite" else _VECTORS:
        connection.execute(text(statement))


def index(session: Session, words: Mapping[int, Words], replaced: Collection[int]) -> None:
    """Make items findable by these words (`items.id` -> words); those `replaced` lose their old ones."""
    delete, insert = _TO_FTS5 if session.get_bind().dialect.name == "sqlite" else _TO_VECTORS
    connection = session.connection()
    if replaced:
        connection.execute(delete, [{"item": item} for item in replaced])
    if words:
        connection.execute(insert, [{"item": item, **of_item._asdict()} for item, of_item in words.items()])
