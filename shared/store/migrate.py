"""Brings a database to the schema of this program, one process at a time. Migrations only expand."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from shared.store import Store
from shared.store.schema import FOLDER, current, waits

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK: Final = 8_224_467  # any constant: names the advisory lock of migrations on PostgreSQL


_BEGIN: Final = "import sys; sys.path.insert(0, sys.argv[1]); from shared.store.migrate import upgrade; "
_APART: Final = f"{_BEGIN}upgrade(sys.argv[2])"


@contextmanager
def upgraded_apart(store: Store) -> Iterator[bool]:
    """An embedded database is brought up to date beside what is done inside, by a process that then ends.

    Who runs for months keeps in memory what it loaded once. Says whether there was something to do. What that
    process could not do, and a database that has nothing yet, is left to `upgrade`.
    """
    with store.reading() as session:
        revision = current(session.connection())
        due = revision is not None and waits(revision)
    root = str(Path(__file__).parents[2])
    command = (sys.executable, "-P", "-c", _APART, root, store.url)
    beside = subprocess.Popen(command, stderr=subprocess.DEVNULL) if due else None
    try:
        yield due
    finally:
        if beside is not None:
            beside.wait()


def upgrade(url: str) -> None:
    """Apply what is missing. Safe to call at every start and from several processes at once.

    A newer schema is left as it is, so that the program before it can come back.
    """
    store = Store(url)
    try:
        with store.reading() as session:  # the usual case must not wait for the write lock
            if not waits(current(session.connection())):
                return
        with store.writing() as session:
            connection = session.connection()
            if not store.sqlite:  # SQLite's write lock, which `writing` holds, serves the same end
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # an index takes what it takes
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if is_new(connection):
                import_module("shared.store.migrations.newest").make(connection)
            elif waits(current(connection)):
                build(connection)
    finally:
        store.close()


def is_new(connection: Connection) -> bool:
    """Whether there is nothing in the database."""
    return not inspect(connection).get_table_names()


def build(connection: Connection, revision: str = "head") -> None:
    """Bring what a transaction sees to a revision that this program knows."""
    from alembic import command

    command.upgrade(settings(connection), revision)


def settings(connection: Connection | None = None) -> "Config":
    """What Alembic needs to know. Most processes find the schema as it should be and never load it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config
