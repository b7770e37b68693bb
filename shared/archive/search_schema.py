"""The full-text index: four columns of our own analysed terms per item, under `rowid` = `items.id`.

The texts are analysed by `shared.text.analyse`, never by the engine: one analyser indexes, searches and matches
alerts. The table keeps what it indexes, because FTS5 can delete from a contentless table only since SQLite 3.43.
"""

from sqlalchemy import text
from sqlalchemy.engine import Connection

COLUMNS = ("title_exact", "title_terms", "body_exact", "body_terms")

_FTS5 = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS item_search USING fts5(
    {", ".join(COLUMNS)}, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
)
"""


def create(connection: Connection) -> None:
    """Make the index where it is missing."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(_FTS5))
