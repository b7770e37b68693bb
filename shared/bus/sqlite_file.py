"""The file of the embedded log: connections, schema, transactions, and its troubles told as BusUnavailable.

One connection writes, one looks, each behind a lock; several processes share the file through SQLite's WAL.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Final

from shared import disk
from shared.errors import BusUnavailable

VERSION: Final = 1
BUSY: Final = 10.0  # seconds to wait for another process's transaction

# A record's rowid is topic << 40 | offset: one tree, in reading order, without an index beside it. `next` only
# grows, so an offset is never given twice. `hand_*` and `one*` say what was in hand (see Reader.begin). The id is
# given once, when the file is made: another file has another.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, next INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB);
CREATE TABLE IF NOT EXISTS groups (
    topic INTEGER NOT NULL REFERENCES topics, name TEXT NOT NULL, committed INTEGER NOT NULL, rewind_to INTEGER,
    hand_first INTEGER, hand_end INTEGER, hand_attempts INTEGER, one INTEGER, one_attempts INTEGER,
    PRIMARY KEY (topic, name));
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO meta (name, value) VALUES ('id', lower(hex(randomblob(16))));
"""

ANEW: Final = "A new one is made then, and what never came to the archive is asked for again."

PRAGMAS: Final = (
    "synchronous=FULL",  # what we acknowledge survives a power cut
    "journal_size_limit=16777216",
    "cache_size=-2000",
)


class LogFile:
    """The opened file. Thread-safe. Raises BusUnavailable for everything that the disk or SQLite refuses."""

    def __init__(self, path: Path, busy: float = BUSY) -> None:
        self.path, self._busy = path, busy
        self._write_lock, self._look_lock = RLock(), RLock()
        with self._told(), ExitStack() as opened:
            disk.private_folder(path.parent)
            self._writer = opened.enter_context(closing(self._open()))
            self._looker = opened.enter_context(closing(self._connect()))
            self._inode = path.stat().st_ino
            opened.pop_all()  # all is well: they stay open

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        with self._write_lock, self._told():
            self._must_be_there()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk rolls back by itself
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def looking(self) -> Iterator[sqlite3.Connection]:
        """Single statements that only read."""
        with self._look_lock, self._told():
            self._must_be_there()
            yield self._looker

    def close(self) -> None:
        with self._write_lock, self._look_lock:
            self._writer.close()
            self._looker.close()

    def _open(self) -> sqlite3.Connection:
        """The first connection makes the schema. Two processes may start on an empty folder at the same moment."""
        deadline = time.monotonic() + self._busy
        while True:
            connection = self._connect()
            try:
                _prepare(connection)
                return connection
            except sqlite3.Error as error:
                connection.close()
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)  # switching to WAL does not wait for the other process by itself

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._busy, isolation_level=None, check_same_thread=False)
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _must_be_there(self) -> None:
        """SQLite goes on writing into a deleted file; nobody would ever read that again."""
        if became := disk.became_of(self.path, self._inode):
            raise BusUnavailable(f"the embedded bus {self.path} {became}. Put it back, or restart Vigie. {ANEW}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise  # a mistake of ours
            raise BusUnavailable(f"the embedded bus {self.path} is closed") from error
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.InterfaceError | sqlite3.DataError):
                raise
            raise BusUnavailable(self._said(error)) from error

    def _said(self, error: Exception) -> str:
        full = disk.full(self.path) if disk.says_full(error) else disk.room_lacks(self.path)
        if disk.says_damaged(error):
            return damaged(self.path, str(error))
        if full:  # then SQLite may as well speak of I/O, or of a file that cannot be opened
            return f"the embedded bus takes nothing ({error}): {full}"
        return (
            f"the embedded bus {self.path} does not work: {error}. "
            "Check the folder that VIGIE_DATA_DIR names: does it exist, is it writable, is a quota in the way?"
        )


def damaged(path: Path, said: str) -> str:
    """The sentence for a file that SQLite itself calls damaged."""
    return (
        f"the embedded bus {path} is damaged: {said}. Stop Vigie, keep a copy of the file and of those beside it "
        f"whose names begin with its own; then move them away and start it. {ANEW}"
    )


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise sqlite3.DatabaseError(f"its format {found} is newer than this program's format {VERSION}")
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")
