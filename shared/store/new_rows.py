"""Many new rows at a time, at the price of what is in them.

A SQLModel is checked and watched column by column as it is made, which costs more than writing it down.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import class_mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Session, SQLModel

from shared.store.upsert import insert_all

_SEQUENCE: Final = "SELECT nextval(pg_get_serial_sequence(:name, :key)) FROM generate_series(1, :count)"
_LAST: Final = "SELECT seq FROM sqlite_sequence WHERE name = :name"

T = TypeVar("T", bound=SQLModel)


def new_row(table: type[T], values: Mapping[str, Any]) -> T:
    """A row to be added to a session: these values, which nobody checks, and the defaults of its table."""
    row: T = manager_of_class(table).new_instance()
    row.__dict__.update(_defaults(table))
    row.__dict__.update(values)
    return row


def next_numbers(session: Session, table: type[SQLModel], count: int) -> Sequence[int]:
    """The next keys of a table that counts its rows; for who writes many, so that they need not be given singly.

    On SQLite they are the caller's while its transaction writes.
    """
    name = str(table.__tablename__)
    connection = session.connection()  # a session would write the rows before they have their numbers
    if connection.dialect.name != "sqlite":
        key = class_mapper(table).primary_key[0].name
        asked = {"name": name, "key": key, "count": count}
        return connection.execute(text(_SEQUENCE), asked).scalars().all()
    last = connection.execute(text(_LAST), {"name": name}).scalar_one_or_none() or 0
    return range(last + 1, last + 1 + count)


def insert_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table, made by `new_row`, in one round trip; the session knows them from then on."""
    if not rows:
        return
    mapper = class_mapper(type(rows[0]))
    names = [column.key for column in mapper.columns]
    values = [{name: row.__dict__[name] for name in names} for row in rows]
    insert_all(session, type(rows[0]), values)
    for row in rows:
        make_transient_to_detached(row)
    session.add_all(rows)


@cache
def _defaults(table: type[SQLModel]) -> Mapping[str, Any]:
    numbered = {column.name for column in class_mapper(table).primary_key}  # which makes it ready, too
    fields = table.model_fields.items()
    return {name: field.default for name, field in fields if not field.is_required() and name not in numbered}
