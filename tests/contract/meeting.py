"""Two that meet in the database: real threads, real transactions, and no sleep decides who comes first."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import event, text
from sqlmodel import Session

from shared.store import Store
from tests.pipeline.harness import wait_until

PATIENCE: Final = 30.0  # seconds until a test that hangs fails


class Stopping(Store):
    """A store whose user stops in the middle of a transaction until told to go on.

    It stops before the commit, or, with `at_time`, having been told the time that often, or `before` its first
    statement that begins so.
    """

    def __init__(self, url: str, at_time: int = 0, before: str = "") -> None:
        super().__init__(url)
        self.stopped, self._go = threading.Event(), threading.Event()
        self._times, self._at_time, self._before = 0, at_time, before
        event.listen(self.engine, "before_cursor_execute", self._look_at)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        with super().writing(durable=durable) as session:
            yield session
            session.flush()
            if not self._at_time and not self._before:
                self._stop()

    def now(self, session: Session) -> datetime:
        moment = super().now(session)
        self._times += 1
        if self._times == self._at_time:
            self._stop()
        return moment

    def go_on(self) -> None:
        self._go.set()

    def _look_at(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if self._before and statement.startswith(self._before) and not self.stopped.is_set():
            self._stop()

    def _stop(self) -> None:
        self.stopped.set()
        assert self._go.wait(PATIENCE), "nobody told it to go on"


class Meanwhile:
    """Does `work` in a thread, from now on."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def settle(self, store: Store, waiting: int = 1) -> None:
        """Wait until the work is done, or that many wait for a lock of the database."""
        wait_until(lambda: self.done or waiters(store) >= waiting, PATIENCE, "the other's end or its wait")

    def join(self) -> None:
        """Wait for the end. Raises what the work raised."""
        self._thread.join(PATIENCE)
        assert self.done, "the other hangs"
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the test
            self._error = error


@contextmanager
def stopped(store: Stopping, work: Callable[[], Any]) -> Iterator[None]:
    """Inside, `work` stands still in its transaction on `store`; at the end it goes on and is waited for."""
    other = Meanwhile(work)
    try:
        wait_until(lambda: other.done or store.stopped.is_set(), PATIENCE, "the other's stop")
        yield
    finally:
        store.go_on()
    other.join()
    assert store.stopped.is_set(), "it ended without a stop"


def waiters(store: Store) -> int:
    """How many sessions on this PostgreSQL database wait for a lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with store.reading() as session:
        return int(session.execute(text(waiting)).scalar_one())
