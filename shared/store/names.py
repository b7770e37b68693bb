"""Names that one process at a time holds in an installation; a second process of a name is refused.

On a server a name is a lock of a session that the process keeps open for nothing else. The server frees it as soon
as the process is gone, however it went, and within seconds when its machine or the network went: no lease has to
be waited out after a kill. An embedded database lies on this machine, where the worker locks files instead.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from shared.errors import Conflict
from shared.store import Store

PATIENCE: Final = 15.0  # seconds: longer than the server keeps the session of a machine that vanished
_SPACE: Final = 8_224_468  # any constant: keeps names apart from other advisory locks
_FOR_EVER: Final = text("SET idle_session_timeout = 0")
_WRITES: Final = text("SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean")
_TAKE: Final = text("SELECT pg_try_advisory_lock(hashtextextended(:name, :space))")


class Names:
    """The names of this process. Thread-safe. `lost` says that another process took one; None is well."""

    def __init__(self, store: Store, names: Sequence[str], patience: float = PATIENCE) -> None:
        self._store, self._names, self._patience = store, names, patience
        self._mutex = Lock()
        self._session: Connection | None = None
        self.lost: str | None = None

    def hold(self) -> None:
        """Take the names, or see that they are still ours: a session ends with its server, and is made anew.

        Raises Conflict when another process has one of them and keeps it, StoreUnavailable.
        """
        if self._store.sqlite:
            return
        with self._mutex, self._store.translated():
            if self._session is None or not _lives(self._session):
                self._drop()
                self._session = self._opened()
                self._take(self._session)

    def keep(self) -> bool:
        """The step of a loop that holds the names. False: there is never more to do at once."""
        try:
            self.hold()
        except Conflict as error:
            self.lost = str(error)
            raise
        return False

    def close(self) -> None:
        with self._mutex:
            self._drop()

    def _opened(self) -> Connection:
        session = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        session.detach()  # it is nobody else's
        session.execute(_FOR_EVER)
        return session

    def _take(self, session: Connection) -> None:
        deadline = time.monotonic() + self._patience
        for name in self._names:
            while not session.execute(_TAKE, {"name": name, "space": _SPACE}).scalar_one():
                if time.monotonic() > deadline:
                    self._drop()
                    raise Conflict(
                        f"{name} is running already on this database. "
                        "Stop it first, or give this process another VIGIE_INSTANCE."
                    )
                time.sleep(0.1)

    def _drop(self) -> None:
        if self._session is not None:
            with suppress(DBAPIError):  # a broken session cannot be closed in order
                self._session.close()
        self._session = None


def _lives(session: Connection) -> bool:
    """Whether the session is there, at a server that takes writes: a name held at a former one is held nowhere."""
    try:
        return bool(session.execute(_WRITES).scalar_one())
    except DBAPIError:
        return False
