"""INSERT … ON CONFLICT, which SQLAlchemy spells per dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there. True when this call inserted it."""
    key = table.__table__.primary_key.columns  # type: ignore[attr-defined]  # SQLModel does not declare it
    statement = _insert(session, table).values(**values).on_conflict_do_nothing().returning(*key)
    return session.execute(statement).first() is not None


def upsert(session: Session, table: type[SQLModel], key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Insert a row, or set the columns that are not part of `key` on the row that has it."""
    rest = {name: value for name, value in values.items() if name not in key}
    statement = _insert(session, table).values(**values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest))


def _insert(session: Session, table: type[SQLModel]) -> Any:
    target: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    dialect = session.get_bind().dialect.name
    return sqlite.insert(target) if dialect == "sqlite" else postgresql.insert(target)
