"""INSERT: of many rows at once, and with ON CONFLICT, which SQLAlchemy spells per dialect.

PostgreSQL gets many rows as one statement with an array for each column: row by row it would spend more on
statements than on rows, and who waits for a lock would wait for that.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there. True when this call inserted it."""
    key = _target(table).primary_key.columns
    statement = _insert(session, table).values(**values).on_conflict_do_nothing().returning(*key)
    return session.execute(statement).first() is not None


def insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns, which nobody else can have inserted, in one round trip."""
    if rows:
        _execute_many(session, sql_insert(_target(table)), table, rows)


def upsert(session: Session, table: type[SQLModel], key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Insert a row, or set the columns that are not part of `key` on the row that has it."""
    upsert_all(session, table, key, (values,))


def upsert_all(
    session: Session, table: type[SQLModel], key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """`upsert` for many rows of the same columns, in one round trip."""
    if not rows:
        return
    statement = _insert(session, table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in key}
    changed = statement.on_conflict_do_update(index_elements=list(key), set_=rest)
    _execute_many(session, changed, table, rows)


def add_all(
    session: Session, table: type[SQLModel], key: Sequence[str], column: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add to a column's numbers on the rows that have these keys, or insert rows with them, in one round trip."""
    if not rows:
        return
    statement = _insert(session, table)
    total = _target(table).c[column] + statement.excluded[column]
    added = statement.on_conflict_do_update(index_elements=list(key), set_={column: total})
    _execute_many(session, added, table, rows)


def _execute_many(
    session: Session, statement: Any, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(statement, list(rows))
    else:
        names = tuple(rows[0])
        columns = {name: [row[name] for row in rows] for name in names}
        connection.execute(statement.from_select(names, _arrays(_target(table), names), False), columns)


@lru_cache(maxsize=64)
def _arrays(target: Table, names: tuple[str, ...]) -> Any:
    """The rows that arrays of values make, one array for each of these columns."""
    from sqlalchemy.dialects import postgresql  # two megabytes, for who uses it

    given = [bindparam(name, type_=postgresql.ARRAY(target.c[name].type, dimensions=1)) for name in names]
    rows = func.unnest(*given).table_valued(*names).render_derived()
    return select(*(rows.c[name] for name in names))


def _insert(session: Session, table: type[SQLModel]) -> Any:
    target = _target(table)
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(target)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(target)


def _target(table: type[SQLModel]) -> Table:
    target: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    return target
