"""Which schema a database has, and whether it lacks something. Read without Alembic, which only a change needs.

Every process asks this at its start and with every look at its state; Alembic with what it brings costs each of
them a fifth of a second and ten megabytes.
"""

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from shared.errors import SchemaOutdated
from shared.store import Store

FOLDER: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "alembic_version"
VERSION_OF: Final = f"SELECT version_num FROM {VERSIONS}"


def check(store: Store) -> None:
    """Raises SchemaOutdated when the database waits for `vigie migrate`. A newer schema is fine."""
    with store.reading() as session:
        revision = current(session.connection())
    if waits(revision):
        raise SchemaOutdated(
            f"the database has schema {revision or 'none'}, this program needs {newest()}. Run `vigie migrate`."
        )


def waits(revision: str | None) -> bool:
    """Whether a database of this schema lacks something. One that we do not know is of a newer program."""
    return revision is None or (knows(revision) and revision != newest())


def current(connection: Connection) -> str | None:
    """The schema of the database, None where it has none yet."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    revision = connection.execute(text(VERSION_OF)).scalar()
    return None if revision is None else str(revision)


def knows(revision: str) -> bool:
    """Whether a database of this revision is of this program or of one before it."""
    return revision in revisions()


def newest() -> str:
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """Every schema that this program knows, the oldest first: a migration's file begins with its revision."""
    files = (FOLDER / "versions").glob("*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files if file.name[0].isdigit()))
