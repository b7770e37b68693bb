"""The full-text index: analysed terms of title and body, and the marks of facets, under `item_places.place`.

The texts are analysed by `shared.text.analyse`, never by the engine: one analyser indexes, searches and matches
alerts. On SQLite an FTS5 table that keeps no text: who takes an entry out says what stands there. On PostgreSQL
one `tsvector` of the configuration `simple`; words of the title have weight A and another index, and it is kept
outside of its row, so that finding reads little.

`item_search`, under `items.id`, holds the entries of versions before 3 until `shared.archive.reindex` is through.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlmodel import Session

from shared.archive.words import Indexed, Words

INDEX: Final = "item_words"
EARLIER: Final = "item_search"
EARLIER_COLUMNS: Final = ("title_exact", "title_terms", "body_exact", "body_terms")

_TOKENS: Final = "tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\""
_FTS5: Final = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {EARLIER} USING fts5({', '.join(EARLIER_COLUMNS)}, {_TOKENS})",
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(body, title, marks, content = '', columnsize = 0, "
    "tokenize = 'ascii')",
)
_VECTORS: Final = (
    f"CREATE TABLE IF NOT EXISTS {EARLIER} "
    f"(item bigint PRIMARY KEY, {', '.join(f'{name} tsvector NOT NULL' for name in EARLIER_COLUMNS)})",
    *(f"CREATE INDEX IF NOT EXISTS {EARLIER}_{name} ON {EARLIER} USING gin ({name})" for name in EARLIER_COLUMNS),
    f"CREATE TABLE IF NOT EXISTS {INDEX} (place bigint PRIMARY KEY, words tsvector NOT NULL)",
    f"ALTER TABLE {INDEX} ALTER words SET STORAGE EXTENDED",
    f"ALTER TABLE {INDEX} SET (toast_tuple_target = 128)",
    f"CREATE INDEX IF NOT EXISTS {INDEX}_words ON {INDEX} USING gin (words)",
    f"CREATE INDEX IF NOT EXISTS {INDEX}_title ON {INDEX} USING gin (ts_filter(words, '{{a}}'))",
)
_SMALLER: Final = (  # than the usual way, which finds nothing to take away from vectors
    "DO $$ BEGIN IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') "
    f"THEN ALTER TABLE {INDEX} ALTER words SET COMPRESSION lz4; END IF; END $$"
)
_ADD_FTS5: Final = f"INSERT INTO {INDEX} (rowid, body, title, marks) VALUES (:place, :body, :title, :marks)"
_TAKE_FTS5: Final = (
    f"INSERT INTO {INDEX} ({INDEX}, rowid, body, title, marks) VALUES ('delete', :place, :body, :title, :marks)"
)
_ADD_VECTOR: Final = (
    f"INSERT INTO {INDEX} (place, words) VALUES (:place, "
    "setweight(to_tsvector('simple', :title || ' 0'), 'A') || to_tsvector('simple', :body) "
    "|| strip(to_tsvector('simple', :marks)))"
)
_TAKE_VECTOR: Final = f"DELETE FROM {INDEX} WHERE place = :place"

Entries = Collection[tuple[int, Indexed, Words]]  # the place of each, what it rests on, its words


def create(connection: Connection) -> None:
    """Make the index where it is missing."""
    for statement in _FTS5 if connection.dialect.name == "sqlite" else (*_VECTORS, _SMALLER):
        connection.execute(text(statement))


def add(session: Session, entries: Entries) -> None:
    """Make items findable; at none of the places there may be an entry."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    _execute(session, _ADD_FTS5 if sqlite else _ADD_VECTOR, list(map(_values, entries)))


def take_out(session: Session, entries: Mapping[int, Indexed]) -> None:
    """Let what stands at these places go. On SQLite it must stand there, word for word."""
    if session.get_bind().dialect.name == "sqlite":
        gone = [_values((place, indexed, indexed.words())) for place, indexed in entries.items()]
        _execute(session, _TAKE_FTS5, gone)
    else:
        _execute(session, _TAKE_VECTOR, [{"place": place} for place in entries])


def take_out_earlier(session: Session, items: Collection[int]) -> None:
    """Let the entries of old go that these items (`items.id`) may have."""
    key = "rowid" if session.get_bind().dialect.name == "sqlite" else "item"
    _execute(session, f"DELETE FROM {EARLIER} WHERE {key} = :item", [{"item": item} for item in items])


def _values(entry: tuple[int, Indexed, Words]) -> dict[str, object]:
    place, indexed, words = entry
    return {"place": place, "title": words.title, "body": words.body, "marks": " ".join(indexed.marks)}


def _execute(session: Session, statement: str, rows: list[dict[str, object]]) -> None:
    if rows:
        session.connection().execute(text(statement), rows)
