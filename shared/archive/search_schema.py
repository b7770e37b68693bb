"""The full-text index: four columns of our own analysed terms per item, under `items.id`.

The texts are analysed by `shared.text.analyse`, never by the engine: one analyser indexes, searches and matches
alerts. On SQLite an FTS5 table, which keeps what it indexes because FTS5 can delete from a contentless table only
since SQLite 3.43; on PostgreSQL four `tsvector` columns of the configuration `simple`.
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session

from shared.text.analyse import analyse

COLUMNS: Final = ("title_exact", "title_terms", "body_exact", "body_terms")

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


def index(session: Session, item: int, *, title: str, body: str, language: str) -> None:
    """Make the item findable by these words, in place of those before."""
    of_title, of_body = analyse(title, language), analyse(body, language)
    words = (of_title.exact, of_title.terms, of_body.exact, of_body.terms)
    delete, insert = _TO_FTS5 if session.get_bind().dialect.name == "sqlite" else _TO_VECTORS
    session.execute(delete, {"item": item})
    session.execute(insert, {"item": item} | dict(zip(COLUMNS, map(" ".join, words), strict=True)))
