"""INSERT: of many rows at once, and with ON CONFLICT, which SQLAlchemy spells per dialect.

PostgreSQL gets many rows as one statement with an array for each column: row by row it would spend more on
statements than on rows, and who waits for a lock would wait for that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, func, select
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there. True when this call inserted it."""
    connection, target = session.connection(), _target(table)
    return connection.execute(_unless_there(target, connection.dialect), dict(values)).first() is not None


def insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns, which nobody else can have inserted, in one round trip."""
    if rows:
        _execute_many(session, table, rows)


def upsert(session: Session, table: type[SQLModel], key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Insert a row, or set the columns that are not part of `key` on the row that has it."""
    upsert_all(session, table, key, (values,))


def upsert_all(
    session: Session, table: type[SQLModel], key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """`upsert` for many rows of the same columns, in one round trip."""
    if rows:
        _execute_many(session, table, rows, _Known(tuple(key)))


def add_all(
    session: Session, table: type[SQLModel], key: Sequence[str], column: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add to a column's numbers on the rows that have these keys, or insert rows with them, in one round trip."""
    if rows:
        _execute_many(session, table, rows, _Known(tuple(key), column))


@dataclass(frozen=True, slots=True)
class _Known:
    """What tells a row that is there, and the column to add to; without one the new row's columns count.

    Without a key no row is there.
    """

    key: tuple[str, ...] = ()
    added: str = ""


def _execute_many(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], known: _Known = _Known()
) -> None:
    connection, target, names = session.connection(), _target(table), tuple(rows[0])
    if connection.dialect.name != "sqlite":
        statement = _statement(target, known, names, connection.dialect)
        columns = {name: [row[name] for row in rows] for name in names}
        connection.execute(statement.from_select(names, _arrays(target, names), False), columns)
    elif prepared := _prepared(target, known, names, connection.dialect):
        connection.exec_driver_sql(prepared.sql, prepared.values(rows))
    else:
        connection.execute(_statement(target, known, names, connection.dialect), list(rows))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement for the driver of a database, and the columns that it wants in order, with what writes each."""

    sql: str
    columns: Sequence[tuple[str, Callable[[Any], Any] | None]]

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Column by column: to look at every value of every row takes longer than to write them down."""
        columns = []
        for name, write in self.columns:
            values = map(itemgetter(name), rows)
            columns.append(values if write is None else map(write, values))
        return list(zip(*columns, strict=True))


@lru_cache(maxsize=64)
def _unless_there(target: Table, dialect: Dialect) -> Any:
    return _insert(target, dialect).on_conflict_do_nothing().returning(*target.primary_key.columns)


@lru_cache(maxsize=256)
def _prepared(target: Table, known: _Known, names: tuple[str, ...], dialect: Dialect) -> _Prepared | None:
    """None where the table gives columns of its own."""
    compiled: Any = _statement(target, known, names, dialect).compile(dialect=dialect, column_keys=names)
    if sorted(compiled.positiontup) != sorted(names):
        return None
    types = [(name, target.c[name].type.dialect_impl(dialect)) for name in compiled.positiontup]
    return _Prepared(str(compiled), [(name, kind.bind_processor(dialect)) for name, kind in types])


def _statement(target: Table, known: _Known, names: tuple[str, ...], dialect: Dialect) -> Any:
    """INSERT, with what becomes of a row that is there."""
    if not known.key:
        return sql_insert(target)
    statement = _insert(target, dialect)
    if known.added:
        changed = {known.added: target.c[known.added] + statement.excluded[known.added]}
    else:
        changed = {name: statement.excluded[name] for name in names if name not in known.key}
    return statement.on_conflict_do_update(index_elements=list(known.key), set_=changed)


@lru_cache(maxsize=64)
def _arrays(target: Table, names: tuple[str, ...]) -> Any:
    """The rows that arrays of values make, one array for each of these columns."""
    from sqlalchemy.dialects import postgresql  # two megabytes, for who uses it

    given = [bindparam(name, type_=postgresql.ARRAY(target.c[name].type, dimensions=1)) for name in names]
    rows = func.unnest(*given).table_valued(*names).render_derived()
    return select(*(rows.c[name] for name in names))


def _insert(target: Table, dialect: Dialect) -> Any:
    if dialect.name == "sqlite":
        return sqlite.insert(target)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(target)


def _target(table: type[SQLModel]) -> Table:
    target: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    return target
