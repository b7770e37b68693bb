"""Brings a database to the schema of this program, one process at a time. Migrations only expand."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from shared.errors import SchemaOutdated
from shared.store import Store

FOLDER: Final = Path(__file__).parent / "migrations"
VERSION_OF: Final = "SELECT version_num FROM alembic_version"
_LOCK: Final = 8_224_467  # any constant: names the advisory lock of migrations on PostgreSQL


def upgrade(url: str) -> None:
    """Apply what is missing. Safe to call at every start and from several processes at once.

    A newer schema is left as it is, so that the program before it can come back.
    """
    store = Store(url)
    try:
        with store.reading() as session:  # the usual case must not wait for the write lock
            if not _waits(_current(session.connection())):
                return
        with store.writing() as session:
            connection = session.connection()
            if not store.sqlite:  # SQLite's write lock, which `writing` holds, serves the same end
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # an index takes what it takes
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if _waits(_current(connection)):
                command.upgrade(_config(connection), "head")
    finally:
        store.close()


def build(connection: Connection, revision: str = "head") -> None:
    """Bring what a transaction sees to a revision that this program knows."""
    command.upgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Whether a database of this revision is of this program or of one before it."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def check(store: Store) -> None:
    """Raises SchemaOutdated when the database waits for `vigie migrate`. A newer schema is fine."""
    with store.reading() as session:
        current = _current(session.connection())
    if _waits(current):
        raise SchemaOutdated(
            f"the database has schema {current or 'none'}, this program needs {_newest()}. Run `vigie migrate`."
        )


def _waits(current: str | None) -> bool:
    """Whether a database of this schema lacks something. One that we do not know is of a newer program."""
    known = {script.revision for script in _scripts().walk_revisions()}
    return current is None or (current in known and current != _newest())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest() -> str:
    return str(_scripts().get_current_head())


@cache
def _scripts() -> ScriptDirectory:
    """Read once: each migration is a module, and every command asks several times."""
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config
