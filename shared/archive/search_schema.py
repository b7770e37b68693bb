"""The full-text index: four columns of our own analysed terms per item, under `rowid` = `items.id`.

The texts are analysed by `shared.text.analyse`, never by the engine: one analyser indexes, searches and matches
alerts. The table keeps what it indexes, because FTS5 can delete from a contentless table only since SQLite 3.43.
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
_DELETE: Final = text("DELETE FROM item_search WHERE rowid = :item")
_INSERT: Final = text(
    f"INSERT INTO item_search (rowid, {', '.join(COLUMNS)}) VALUES (:item, {', '.join(f':{c}' for c in COLUMNS)})"
)


def create(connection: Connection) -> None:
    """Make the index where it is missing."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(_FTS5))


def index(session: Session, item: int, *, title: str, body: str, language: str) -> None:
    """Make the item findable by these words, in place of those before."""
    of_title, of_body = analyse(title, language), analyse(body, language)
    words = (of_title.exact, of_title.terms, of_body.exact, of_body.terms)
    session.execute(_DELETE, {"item": item})
    session.execute(_INSERT, {"item": item} | dict(zip(COLUMNS, map(" ".join, words), strict=True)))
