"""PostgreSQL databases that the tests of a process use one after the other, each emptied for the next.

To copy a database and drop it again is five times the work of taking out what a test wrote, and there are hundreds
of tests. One whose schema or settings a test changed is dropped.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, text

PUBLIC: Final = "'public'::regnamespace"
OTHERS: Final = text(
    "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
SHAPE: Final = text(
    "SELECT (SELECT md5(string_agg(concat(oid, relname, relkind, relnatts, relchecks, relhastriggers), ','"
    f" ORDER BY oid)) FROM pg_class WHERE relnamespace = {PUBLIC})"
    " || (SELECT md5(string_agg(concat(attrelid, attname, attnum, atttypid, attnotnull, atthasdef), ',' ORDER BY"
    f" attrelid, attnum)) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = {PUBLIC})"
    " || (SELECT count(*) FROM pg_namespace) || ' ' || (SELECT count(*) FROM pg_db_role_setting)"
)
TABLES: Final = text(f"SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = {PUBLIC} ORDER BY 1")
LARGE: Final = text(
    f"SELECT relname FROM pg_class WHERE relnamespace = {PUBLIC} AND relname = ANY(:tables)"
    " AND pg_relation_size(oid) > 65536"
)
FROM_ONE: Final = text(
    "SELECT count(setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false))"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


class Databases:
    """Those of one server, copied from one with the whole schema."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[Database] = []

    def take(self) -> "Database":
        """One with the whole schema, and nothing in it but what the migrations wrote."""
        return self._free.pop() if self._free else self._made()

    def give_back(self, database: "Database") -> None:
        """Whoever is still connected is thrown out."""
        if database.emptied():
            self._free.append(database)
        else:
            self._drop(database)

    def close(self) -> None:
        for database in self._free:
            self._drop(database)

    def _made(self) -> "Database":
        name = f"vigie_{uuid.uuid4().hex[:12]}"
        execute(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY file_copy")
        return Database(f"{self._server}/{name}")

    def _drop(self, database: "Database") -> None:
        database.close()
        execute(self._server, f"DROP DATABASE {database.url.rpartition('/')[2]} WITH (FORCE)")


@dataclass(frozen=True)
class Kept:
    """What a database held and how it was before a test used it."""

    shape: str
    tables: tuple[str, ...]
    rows: dict[str, str]  # table -> JSON, of those that are not empty

    @property
    def question(self) -> str:
        """Asks which tables are not as they were."""
        asked = ", ".join(f"CASE WHEN {self._changed(table)} THEN '{table}' END" for table in self.tables)
        return f"SELECT array_remove(ARRAY[{asked}], NULL)"

    def _changed(self, table: str) -> str:
        if table in self.rows:
            return f"{_json(table)} IS DISTINCT FROM {_quoted(self.rows[table])}"
        return f'EXISTS (SELECT 1 FROM "{table}")'


class Database:
    """One database, and our own connection to it, which whoever wants to be alone there may end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
        with self._engine.connect() as ours:
            self._kept = _look(ours)

    def emptied(self) -> bool:
        """Take out what was written. False when more than that was done to it."""
        with self._engine.connect() as ours:
            ours.execute(OTHERS)
            if ours.scalar(SHAPE) != self._kept.shape:
                return False
            if changed := ours.exec_driver_sql(self._kept.question).scalar_one():
                _empty(ours, changed)
                _put_back(ours, self._kept.rows)
            ours.execute(FROM_ONE)
        return True

    def close(self) -> None:
        self._engine.dispose()


def _look(ours: Connection) -> Kept:
    tables = tuple(ours.scalars(TABLES))
    said = {table: ours.exec_driver_sql(f"SELECT {_json(table)}").scalar() for table in tables}
    return Kept(ours.scalar(SHAPE), tables, {table: str(rows) for table, rows in said.items() if rows is not None})


def _empty(ours: Connection, tables: Sequence[str]) -> None:
    """Deleting takes a tenth of the time of new files, which large tables get: what is deleted keeps its place."""
    if large := [f'"{table}"' for table in ours.scalars(LARGE, {"tables": list(tables)})]:
        ours.exec_driver_sql(f"TRUNCATE {', '.join(large)} CASCADE")
    ours.exec_driver_sql("SET session_replication_role = replica")  # no foreign keys are asked
    for table in tables:
        ours.exec_driver_sql(f'DELETE FROM "{table}"')
    ours.exec_driver_sql("SET session_replication_role = origin")


def _put_back(ours: Connection, kept: Mapping[str, str]) -> None:
    """The rows that the migrations wrote."""
    for table, rows in kept.items():
        ours.exec_driver_sql(
            f'INSERT INTO "{table}" OVERRIDING SYSTEM VALUE SELECT * FROM'
            f' json_populate_recordset(NULL::"{table}", {_quoted(rows)})'
            f' WHERE NOT EXISTS (SELECT 1 FROM "{table}")'
        )


def alone(server: str, name: str) -> None:
    """Throw out whoever is connected to a database: only one that nobody uses can be copied."""
    execute(server, f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")


def execute(server: str, statement: str) -> None:
    """Outside of any database of a test."""
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _json(table: str) -> str:
    return f'(SELECT json_agg(t)::text FROM "{table}" t)'


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"
