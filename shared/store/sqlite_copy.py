"""Files of SQLite: seen as they stand at one moment while others write, copied, looked through."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from shared.errors import BadInput, StoreUnavailable

PAGES: Final = 2000  # copied at once; in between the progress is told
BUSY: Final = 30.0  # seconds to wait for a lock


class Pinned:
    """A database as it stood when this was made, however long the copy takes and whoever writes meanwhile."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path

    def copy_to(self, target: Path, progress: Callable[[int], object]) -> None:
        """Raises StoreUnavailable. `progress` is told how many bytes were copied since it was told last."""
        whole, told = self.size, [0]

        def tell(_status: int, remaining: int, total: int) -> None:
            done = whole * (total - remaining) // max(1, total)
            progress(done - told[0])
            told[0] = done

        try:
            with closing(sqlite3.connect(target)) as copy:
                self._connection.backup(copy, pages=PAGES, progress=tell)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path} cannot be copied to {target}: {error}") from error

    @property
    def size(self) -> int:
        """Bytes that the copy will have."""
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (page,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int(pages) * int(page)


@contextmanager
def pinned(path: Path) -> Iterator[Pinned]:
    """Raises StoreUnavailable where there is no such database."""
    if not path.exists():
        raise StoreUnavailable(f"there is no database {path}; nothing was ever written to it")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # from here on it stands still
            yield Pinned(connection, path)
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}") from error


def look_through(path: Path) -> None:
    """Read the file from end to end. Raises BadInput with what is damaged."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        said = [str(error)]
    if said != ["ok"]:
        raise BadInput(f"{path.name} is damaged: {'; '.join(said)}")


def known_mails(path: Path, ids: Sequence[str]) -> frozenset[str]:
    """Those of the deliveries that are in the ledger of a file."""
    marks = ", ".join("?" for _ in ids)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"SELECT id FROM deliveries WHERE id IN ({marks})", tuple(ids))
        return frozenset(id_ for (id_,) in found)


def value(path: Path, query: str) -> object:
    """The one value that a query finds in a file. Raises BadInput where it cannot be asked."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            row = connection.execute(query).fetchone()
    except sqlite3.Error as error:
        raise BadInput(f"{path.name} is no database of Vigie: {error}") from error
    return row[0] if row else None
