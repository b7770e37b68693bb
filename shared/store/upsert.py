"""INSERT: of many rows at once, and with ON CONFLICT, which SQLAlchemy spells per dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there. True when this call inserted it."""
    key = _target(table).primary_key.columns
    statement = _insert(session, table).values(**values).on_conflict_do_nothing().returning(*key)
    return session.execute(statement).first() is not None


def insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that nobody else can have inserted, in one round trip."""
    if rows:
        session.execute(sql_insert(_target(table)), rows)


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
    session.connection().execute(changed, [dict(row) for row in rows])


def _insert(session: Session, table: type[SQLModel]) -> Any:
    target = _target(table)
    dialect = session.get_bind().dialect.name
    return sqlite.insert(target) if dialect == "sqlite" else postgresql.insert(target)


def _target(table: type[SQLModel]) -> Table:
    target: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    return target
