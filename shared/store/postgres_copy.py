"""A database of PostgreSQL as its own COPY gives it: out of one snapshot, and back in one transaction.

No program of PostgreSQL's is needed, and the rows stream: nothing is held in memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from shared.errors import StoreUnavailable
from shared.store import Store
from shared.store.schema import VERSION_OF
from shared.store.tables import whole_metadata

SEARCH: Final = ("item_search", "item_words")  # made by the migrations, with columns that no model has
VERSION: Final = "alembic_version"
_NO_LIMITS: Final = ("SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0")
_HELD: Final = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Snapshot:
    """The tables at one moment. `tables` has them with their columns, each after those that it points at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.revision = str(connection.execute(text(VERSION_OF)).scalar_one())
        self.tables = _columns(connection)

    def rows(self, table: str) -> Iterator[bytes]:
        """The table's rows in COPY's text format."""
        wanted = f"COPY {_listed(table, self.tables[table])} TO STDOUT"
        with _cursor(self._connection) as cursor, cursor.copy(wanted) as rows:
            yield from map(bytes, rows)

    def known_mails(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the deliveries that are in the ledger."""
        wanted = text("SELECT id FROM deliveries WHERE id = ANY(:ids)")
        return frozenset(self._connection.execute(wanted, {"ids": list(ids)}).scalars())


@contextmanager
def pinned(store: Store) -> Iterator[Snapshot]:
    """What the database holds now; it stays so inside, whoever writes."""
    with store.translated(), store.engine.connect() as opened:
        connection = opened.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            connection.execute(text("SET TRANSACTION READ ONLY"))
            for statement in _NO_LIMITS:
                connection.execute(text(statement))
            yield Snapshot(connection)


def at_work(connection: Connection) -> bool:
    """Whether a process of Vigie holds its name on this database."""
    return bool(connection.execute(_HELD).scalar_one())


def filled(connection: Connection) -> bool:
    """Whether anything that matters stands in the tables, where there are any."""
    there = set(inspect(connection).get_table_names())
    counts = (f"SELECT EXISTS (SELECT 1 FROM {name})" for name in ("items", "people", "consents") if name in there)
    return any(connection.execute(text(count)).scalar_one() for count in counts)


def set_aside(connection: Connection, schema: str) -> None:
    """Move every table of ours into a schema of that name. Raises StoreUnavailable where we may not."""
    moves = [f"ALTER TABLE {table} SET SCHEMA {schema}" for table in _ours(connection)]
    try:
        for statement in (*_NO_LIMITS, "SET LOCAL lock_timeout = '10s'", f"CREATE SCHEMA {schema}", *moves):
            connection.execute(text(statement))
    except ProgrammingError as error:
        raise StoreUnavailable(
            f"what is there cannot be set aside: {str(error.orig).strip()}. The user in VIGIE_DATABASE_URL must "
            "own the tables and may need GRANT CREATE ON DATABASE."
        ) from error


def drop(connection: Connection, schema: str) -> None:
    """Remove what was set aside."""
    connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def fill(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """Write rows in COPY's text format into a table, in place of what the migrations put there."""
    connection.execute(text(f"DELETE FROM {table}"))
    with _cursor(connection) as cursor, cursor.copy(f"COPY {_listed(table, columns)} FROM STDIN") as copy:
        for block in rows:
            copy.write(block)


def count_on(connection: Connection, table: str) -> None:
    """Let the numbers of a table go on after its last row."""
    for column in inspect(connection).get_columns(table):
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table, "column": column["name"]}
        ).scalar_one()
        if sequence:
            connection.execute(
                text(f"SELECT setval(:sequence, coalesce(max({column['name']}), 0) + 1, false) FROM {table}"),
                {"sequence": sequence},
            )


def _ours(connection: Connection) -> Sequence[str]:
    """The tables that are there, in the order of the references between them."""
    there = set(inspect(connection).get_table_names())
    ordered = [table.name for table in whole_metadata().sorted_tables]
    return [name for name in (*ordered, *SEARCH, VERSION) if name in there]


def _columns(connection: Connection) -> Mapping[str, tuple[str, ...]]:
    looked = inspect(connection)
    tables = [name for name in _ours(connection) if name != VERSION]
    return {name: tuple(str(column["name"]) for column in looked.get_columns(name)) for name in tables}


def _listed(table: str, columns: Sequence[str]) -> str:
    return "{} ({})".format(table, ", ".join(f'"{column}"' for column in columns))


def _cursor(connection: Connection) -> Any:
    """The driver's own: COPY is not SQLAlchemy's."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
