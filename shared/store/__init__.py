"""The store: one engine, `reading()` and `writing()` sessions, time from the database. SQLite or PostgreSQL.

No network, model, SMTP or publish inside a session. `writing()` begins with BEGIN IMMEDIATE on SQLite, so that two
writers wait for one another at the door instead of failing half-way.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy import func as sql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, SQLModel

from shared import disk
from shared.clock import Clock, SystemClock
from shared.errors import ConfigError, StoreUnavailable
from shared.service_url import Host, read_service_url
from shared.store.troubles import damaged, told
from shared.store.turns import Turns
from shared.store.types import compact

SQLModel.model_config["defer_build"] = True  # rows are not checked: what would check them takes longest to import

SETTING: Final = "VIGIE_DATABASE_URL"
WRITES: Final = "vigie_writes"  # the execution option of a connection that writes: how sure of an embedded disk


@dataclass(frozen=True, slots=True)
class Pool:
    """How many connections are kept and how many more there may be, and what each of SQLite's remembers.

    On PostgreSQL no statement of theirs takes longer than `patience`, in seconds.
    """

    kept: int = 5
    more: int = 15
    cache_kb: int = 16_000
    patience: int = 300

    @property
    def sizes(self) -> dict[str, Any]:
        return {"pool_size": self.kept, "max_overflow": self.more, "pool_use_lifo": True}


SHARED: Final = Pool()


@dataclass(slots=True)
class _Last:
    """What the last transaction died of, when it was the database."""

    error: str | None = None


class Store:
    """A database. Thread-safe; sessions are not. With a `clock`, database time is what that clock says."""

    def __init__(self, url: str, clock: Clock | None = None, pool: Pool = SHARED) -> None:
        self.url = url
        self.clock = clock or SystemClock()
        self._address = _parsed(url)
        self.sqlite = self._address.get_backend_name() == "sqlite"
        self._last = _Last()
        self._again: list[Store] = []
        self._inode: int | None = None  # of an embedded database
        self._turns = _turns(self._address) if self.sqlite else None
        self._asks_the_database = clock is None and not self.sqlite
        self.engine = (_sqlite_engine if self.sqlite else _postgres_engine)(self._address, pool)
        self._brief = self.engine.execution_options(**{WRITES: "NORMAL"})

    def again(self, pool: Pool) -> "Store":
        """The same database with connections of its own, for who must not take all of these. Closed with it."""
        other = Store(self.url, None if self._asks_the_database else self.clock, pool)
        other._last = self._last
        self._again.append(other)
        return other

    def rest(self) -> None:
        """Let go of the connections that nobody uses now, and of what they remember."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that writes nothing; it sees one moment of the database."""
        with self.translated(), Session(self.engine, expire_on_commit=False) as session:
            self._must_be_there()
            yield session

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        Without `durable` nobody waits for an embedded database's disk: a power cut may undo it, no kill.
        """
        with self._remembered(), self.turn(), Session(self.engine, expire_on_commit=False) as session:
            self._must_be_there()
            session.connection(execution_options={WRITES: "FULL" if durable else "NORMAL"})
            yield session
            session.commit()

    @contextmanager
    def rehearsing(self) -> Iterator[Session]:
        """As `writing`, and at the end everything is taken back: what would be, seen by who may not make it so."""
        with self.translated(), self.turn(), Session(self.engine, expire_on_commit=False) as session:
            self._must_be_there()
            try:
                yield session
            finally:
                session.rollback()

    @contextmanager
    def brief(self) -> Iterator[Connection]:
        """As `writing(durable=False)`, for a statement or two made once: without what a session costs."""
        with self._remembered(), self.turn():
            self._must_be_there()
            with self._brief.begin() as connection:
                yield connection

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        """Inside, a transaction whose end `check` goes by."""
        try:
            with self.translated():
                yield
        except StoreUnavailable as error:
            self._last.error = str(error)
            raise
        self._last.error = None

    def now(self, session: Session | Connection) -> datetime:
        """Database time. SQLite lives on this machine, so its time is the machine's."""
        if not self._asks_the_database:
            return self.clock.now()
        moment: datetime = session.execute(select(sql.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def serialise(self, session: Session, name: str, *, shared: bool = False) -> None:
        """Hold the lock `name` until the transaction ends, `shared` beside others who do so, too.

        SQLite's write lock serves every name.
        """
        if not self.sqlite:
            way = "_shared" if shared else ""
            session.execute(text(f"SELECT pg_advisory_xact_lock{way}(hashtext(:name))"), {"name": name})

    def serialise_each(self, session: Session, names: Collection[str]) -> None:
        """Hold all these locks until the transaction ends: in one order, so that nobody waits in a circle."""
        if not self.sqlite and names:
            in_order = (
                "SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(CAST(:names AS text[])) AS name"
            )
            every = f"SELECT pg_advisory_xact_lock(key) FROM ({in_order} ORDER BY key OFFSET 0) AS keys"
            session.execute(text(every), {"names": list(names)})

    def ping(self) -> None:
        """Raises StoreUnavailable when the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def check(self) -> None:
        """Raises StoreUnavailable, with what to do, when the database would not take or give rows now.

        Whether it takes them is what this process's last transaction showed; a worker writes every few seconds.
        """
        self.ping()
        if self._last.error:
            raise StoreUnavailable(self._last.error)
        if self.sqlite and self._address.database and (lacks := disk.room_lacks(Path(self._address.database))):
            raise StoreUnavailable(f"the database is about to stop: {lacks}")

    def read_through(self) -> None:
        """Read an embedded database through. Raises StoreUnavailable with what is damaged; may take a while."""
        if self.sqlite:
            with self.reading() as session:
                damage = session.execute(text("PRAGMA quick_check(3)")).scalars().all()
            if damage != ["ok"]:
                raise StoreUnavailable(damaged(Path(self._address.database or ""), damage))

    @property
    def path(self) -> Path | None:
        """The file of an embedded database."""
        path = self._address.database if self.sqlite else None
        return Path(path) if path and path != ":memory:" else None

    @property
    def folder(self) -> Path | None:
        """Where an embedded database lies."""
        return self.path.parent if self.path else None

    def close(self) -> None:
        for other in self._again:
            other.close()
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Inside, a sick database raises StoreUnavailable, whatever the driver calls it."""
        try:
            yield
        except (OperationalError, InternalError) as error:
            raise StoreUnavailable(told(self._address, error.orig or error)) from error
        except PoolTimeout as error:
            raise StoreUnavailable("every connection to the database is in use") from error
        except DBAPIError as error:
            broken = type(error) is DatabaseError  # no kind of it: SQLite cannot make sense of the file
            if error.connection_invalidated or broken:
                raise StoreUnavailable(told(self._address, error.orig or error)) from error
            raise

    def _must_be_there(self) -> None:
        """SQLite goes on writing into a deleted file; nobody would ever read that again."""
        path = Path(self._address.database or "") if self.sqlite else None
        if path is None or not path.name or path.name == ":memory:":
            return
        if self._inode is None:  # a new database is made by the first connection
            self._inode = path.stat().st_ino if path.exists() else None
        elif became := disk.became_of(path, self._inode):
            raise StoreUnavailable(f"the database {path} {became}. Put it back, then restart Vigie.")

    def turn(self) -> AbstractContextManager[None]:
        """Inside, nobody else of this machine writes to an embedded database."""
        return nullcontext() if self._turns is None else self._turns.taken()

    @contextmanager
    def bare(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own to an embedded database, for what is done outside of transactions."""
        with self.translated():
            held = self.engine.raw_connection()
        connection: sqlite3.Connection = held.driver_connection  # type: ignore[assignment]  # it is SQLite's
        held.detach()
        try:
            yield connection
        except sqlite3.Error as error:
            raise StoreUnavailable(told(self._address, error)) from error
        finally:
            connection.close()


def sqlite_path(url: str) -> Path | None:
    """The file that an address of SQLite names; None for a server's. Opens nothing. Raises ConfigError."""
    address = _parsed(url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


def _parsed(url: str) -> URL:
    """SQLAlchemy's own reader takes pieces of a password for the host; it is asked about files alone."""
    told = read_service_url(SETTING, url)
    if told.scheme == "sqlite":
        return make_url(url)
    query: dict[str, str | tuple[str, ...]] = {}
    for name, value in told.query:
        given = query.get(name, ())
        query[name] = (*((given,) if isinstance(given, str) else given), value) if given else value
    if len(told.hosts) > 1:  # several are taken in the query alone
        query["host"] = ",".join(host.name for host in told.hosts)
        query["port"] = ",".join(str(host.port or told.port) for host in told.hosts)
    one = told.hosts[0] if len(told.hosts) == 1 else Host("")
    return URL.create(
        told.scheme,
        told.user or None,
        told.password or None,
        one.name or None,
        one.port,
        unquote(told.path.removeprefix("/")) or None,
        query,
    )


def _turns(url: URL) -> Turns | None:
    path = url.database
    if not path or path == ":memory:":
        return None
    try:
        disk.private_folder(Path(path).parent)
        return Turns(Path(f"{path}.turns"))
    except OSError as error:
        raise ConfigError(
            f"the folder of the database {path} cannot be written: {error}. Check VIGIE_DATA_DIR."
        ) from error


def _sqlite_engine(url: URL, pool: Pool) -> Engine:
    sizes = {} if not url.database or url.database == ":memory:" else pool.sizes
    arguments = {"timeout": 30, "check_same_thread": False}
    engine = create_engine(url, hide_parameters=True, connect_args=arguments, json_serializer=compact, **sizes)
    event.listen(engine, "connect", partial(_pragmas, pool.cache_kb))
    event.listen(engine, "begin", _begin)
    return engine


def _pragmas(cache_kb: int, connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what we acknowledge survives a power cut
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
        "secure_delete=ON",  # whatever SQLite was built with: an erasure leaves nothing in the file
        f"cache_size=-{cache_kb}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    if writes and connection.info.get(WRITES) != writes:
        connection.exec_driver_sql(f"PRAGMA synchronous={writes}")
        connection.info[WRITES] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres_engine(url: URL, pool: Pool) -> Engine:
    from shared.store.server import open_engine  # psycopg is an extra

    return open_engine(url, pool.sizes, pool.patience)
