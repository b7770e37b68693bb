"""A new database gets the newest schema at once: the same as by all migrations, one after the other."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, select, text

from shared.store import Store
from shared.store.migrate import build, upgrade
from tests.databases import execute

BY_CHANCE = {("lineage", "store"), ("memos", "at")}


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two databases without a schema."""
    names = [f"vigie_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    server = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    for name in names if server else ():
        execute(server, f"CREATE DATABASE {name}")
    one, other = (Store(f"{server}/{name}" if server else f"sqlite:///{tmp_path / name}.db") for name in names)
    yield one, other
    one.close()
    other.close()
    for name in names if server else ():
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_new_database_is_what_the_migrations_make_of_one(empty: tuple[Store, Store]) -> None:
    migrated, made = empty
    with migrated.writing() as session:
        build(session.connection())
    upgrade(made.url)
    assert described(made) == described(migrated)


def described(store: Store) -> Mapping[str, Any]:
    """All that makes a schema, in no order of columns, and what stands in its tables."""
    with store.reading() as session:
        connection = session.connection()
        look = inspect(connection)
        found: dict[str, Any] = {}
        for name in sorted(look.get_table_names()):
            found[name] = {
                "columns": {each["name"]: plain(each) for each in look.get_columns(name)},
                "key": look.get_pk_constraint(name),
                "unique": sorted(map(plain, look.get_unique_constraints(name))),
                "indexes": sorted(map(plain, look.get_indexes(name))),
                "foreign": sorted(map(plain, look.get_foreign_keys(name))),
                "checks": sorted(map(plain, look.get_check_constraints(name))),
                "rows": [] if name.startswith(("item_words", "item_search")) else rows(connection, name),
            }
        return found | {"written": written(connection) if store.sqlite else options(connection)}


def plain(reflected: Mapping[str, Any]) -> str:
    """PostgreSQL names an index or a constraint after its columns; the rest is compared."""
    return repr(
        sorted(
            (name, plain(value) if isinstance(value, dict) else str(value)) for name, value in reflected.items()
        )
    )


def rows(connection: Any, name: str) -> Any:
    table = MetaData()
    table.reflect(connection, only=[name])
    found = connection.execute(select(table.tables[name])).mappings()
    return sorted(repr(sorted((k, v) for k, v in row.items() if (name, k) not in BY_CHANCE)) for row in found)


def written(connection: Any) -> Mapping[str, tuple[bool, ...]]:
    """What SQLite's reflection does not say: of virtual tables all, of others how rows are kept and numbered."""
    made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    words = ("AUTOINCREMENT", "WITHOUT ROWID", "DESC", "WHERE", "COLLATE", "UNIQUE")
    return {
        name: sql if "VIRTUAL" in sql else tuple(word in sql for word in words)
        for name, sql in made
        if "VIRTUAL" in sql or not name.startswith(("item_words", "item_search"))
    }


def options(connection: Any) -> Any:
    asked = "SELECT relname, relkind, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    return sorted(map(repr, connection.execute(text(asked)).all()))
