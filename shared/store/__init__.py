"""The store: one engine, `reading()` and `writing()` sessions, time from the database. SQLite or PostgreSQL.

No network, model, SMTP or publish inside a session. `writing()` begins with BEGIN IMMEDIATE on SQLite, so that two
writers wait for one another at the door instead of failing half-way.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy import func as sql
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from shared.clock import Clock, SystemClock
from shared.errors import ConfigError, StoreUnavailable
from shared.store.turns import Turns


class Store:
    """A database. Thread-safe; sessions are not. With a `clock`, database time is what that clock says."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self.clock = clock or SystemClock()
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turns = _turns(url) if self.sqlite else None
        self._asks_the_database = clock is None and not self.sqlite
        self.engine = _sqlite_engine(url) if self.sqlite else _postgres_engine(url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that writes nothing; it sees one moment of the database."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error."""
        with _translated(), self._turn(), Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"vigie_writes": True})
            yield session
            session.commit()

    def now(self, session: Session) -> datetime:
        """Database time. SQLite lives on this machine, so its time is the machine's."""
        if not self._asks_the_database:
            return self.clock.now()
        moment: datetime = session.execute(select(sql.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def serialise(self, session: Session, name: str) -> None:
        """Hold the lock `name` until the transaction ends. SQLite's write lock serves every name."""
        if not self.sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    def ping(self) -> None:
        """Raises StoreUnavailable when the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()

    def _turn(self) -> AbstractContextManager[None]:
        return nullcontext() if self._turns is None else self._turns.taken()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InternalError) as error:
        raise StoreUnavailable(f"the database does not answer: {error.orig}") from error
    except PoolTimeout as error:
        raise StoreUnavailable("every connection to the database is in use") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(f"the connection to the database broke: {error.orig}") from error
        raise


def _turns(url: str) -> Turns | None:
    path = make_url(url).database
    if not path or path == ":memory:":
        return None
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return Turns(Path(f"{path}.turns"))
    except OSError as error:
        raise ConfigError(
            f"the folder of the database {path} cannot be written: {error}. Check VIGIE_DATA_DIR."
        ) from error


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what we acknowledge survives a power cut
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("vigie_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        connect_args={"connect_timeout": 10},
    )
