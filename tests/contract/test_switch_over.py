"""A database server that goes silent, becomes read-only or moves: its sessions are thrown away, new ones serve."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shared.errors import StoreUnavailable
from shared.store import Pool, Store
from shared.store.names import Names
from shared.store.server import LIMITS, SESSION, SILENCE, watched
from tests.databases import execute
from tests.forwarder import Forwarder

NOTICED = 15.0  # seconds within which silence is noticed, on a busy machine
WRITE = "INSERT INTO subscriptions_version (id, version) VALUES (7, 1) ON CONFLICT DO NOTHING"


@pytest.fixture
def address(database_url: str) -> Iterator[Forwarder]:
    """An address in front of the server."""
    with Forwarder(int(database_url.rpartition(":")[2].partition("/")[0])) as forwarder:
        yield forwarder


@pytest.fixture
def store(database_url: str, address: Forwarder) -> Iterator[Store]:
    """A store that reaches the server by that address."""
    opened = Store(f"postgresql+psycopg://vigie@127.0.0.1:{address.port}/{database_url.rpartition('/')[2]}")
    yield opened
    address.drop()
    opened.close()


def ask(store: Store, what: str = "SELECT 1") -> Any:
    with store.reading() as session:
        return session.execute(text(what)).scalar_one()


def write(store: Store) -> None:
    with store.writing() as session:
        session.execute(text(WRITE))


def elsewhere(database_url: str, statement: str) -> None:
    """Asked of the server itself."""
    execute(database_url.rpartition("/")[0], statement)


def seconds(do: Callable[[], object]) -> float:
    begun = time.monotonic()
    do()
    return time.monotonic() - begun


def test_every_session_has_limits(store: Store) -> None:
    for name, value in SESSION.items():
        shown = str(ask(store, f"SHOW {name}"))
        assert shown in (value, {"10000": "10s"}.get(value)), name
    readers = store.again(Pool(patience=7))
    assert [ask(each, "SHOW statement_timeout") for each in (store, readers)] == ["5min", "7s"]


def test_what_the_operator_sets_in_the_address_wins(database_url: str) -> None:
    store = Store(f"{database_url}?connect_timeout=33&target_session_attrs=any")
    ask(store)
    with store.engine.connect() as connection:
        given = connection.connection.driver_connection.given  # type: ignore[union-attr]
    assert (given["connect_timeout"], given["target_session_attrs"]) == ("33", "any")
    assert given["tcp_user_timeout"] == LIMITS["tcp_user_timeout"]
    store.close()


@pytest.mark.slow
def test_a_server_that_falls_silent_in_a_statement_is_noticed_and_the_next_one_serves(
    store: Store, address: Forwarder
) -> None:
    ask(store)
    address.fall_silent()
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        ask(store)
    assert time.monotonic() - begun < 1.5 * NOTICED  # the session, and then a new one
    address.speak()
    assert seconds(lambda: ask(store)) < SILENCE / 2


def test_a_server_that_takes_connections_and_never_answers_is_said_within_seconds(
    store: Store, address: Forwarder
) -> None:
    address.fall_silent()
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        ask(store)
    assert time.monotonic() - begun < NOTICED
    address.speak()
    ask(store)


def test_a_statement_that_was_lost_on_its_way_is_given_up_although_the_server_knows_the_session(
    store: Store, address: Forwarder
) -> None:
    """The session is there, and idle: the answer that we wait for is not to come."""
    with store.reading() as session:
        session.execute(text("SELECT 1"))
        address.fall_silent()
        waiting = Waiting(lambda: session.execute(text("SELECT 2")))
        waiting.until_begun()
        address.speak()
        assert "waits for us" in str(waiting.ended())
    assert ask(store) == 1


def test_a_statement_that_takes_its_time_is_let_finish(store: Store) -> None:
    """The server knows the session: it works."""
    assert ask(store, f"SELECT 1 FROM pg_sleep({SILENCE + 3})") == 1


@pytest.mark.long
def test_who_waits_for_a_lock_waits(store: Store, database_url: str) -> None:
    write(store)
    second = Store(database_url)
    with store.writing() as session:
        session.execute(text("UPDATE subscriptions_version SET version = 2 WHERE id = 7"))
        waiting = Waiting(lambda: bump(second))
        time.sleep(SILENCE + 3)
        assert waiting.lives
    assert waiting.ended() is None
    second.close()


def bump(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE subscriptions_version SET version = version + 1 WHERE id = 7"))


def test_a_server_that_became_read_only_loses_all_sessions(store: Store, database_url: str) -> None:
    """Those that only read, too: what a former primary says is old."""
    name = database_url.rpartition("/")[2]
    before = {ask(store, "SELECT pg_backend_pid()") for _ in range(2)}
    elsewhere(database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with store.reading() as session:
        session.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        session.commit()
    with pytest.raises(StoreUnavailable, match=r"takes no writes.*VIGIE_DATABASE_URL"):
        write(store)
    with pytest.raises(StoreUnavailable, match=r"takes no writes.*VIGIE_DATABASE_URL"):
        ask(store)
    elsewhere(database_url, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    write(store)
    assert ask(store, "SELECT pg_backend_pid()") not in before


def test_a_name_that_is_held_at_a_server_that_became_read_only_is_taken_anew(store: Store) -> None:
    names = Names(store, ["host.notifier"], patience=5.0)
    names.hold()
    held = names._session
    assert held is not None
    held.execute(text("SET default_transaction_read_only = on"))
    names.hold()
    assert names._session is not held
    names.close()


@pytest.mark.long
def test_a_name_is_not_held_at_a_server_that_is_silent(store: Store, address: Forwarder) -> None:
    names = Names(store, ["host.notifier"], patience=5.0)
    names.hold()
    address.fall_silent()
    with pytest.raises(StoreUnavailable):
        names.hold()
    address.speak()
    names.hold()
    names.close()


def test_of_several_hosts_the_one_that_writes_serves_and_is_asked_first_from_then_on(
    database_url: str, address: Forwarder
) -> None:
    port = database_url.rpartition(":")[2].partition("/")[0]
    with Forwarder(int(port)) as silent:
        silent.fall_silent()
        hosts = f"127.0.0.1:{silent.port},127.0.0.1:{address.port}"
        store = Store(f"postgresql+psycopg://vigie@{hosts}/{database_url.rpartition('/')[2]}")
        assert seconds(lambda: ask(store)) > 1.0  # the first one is waited for
        store.engine.dispose()
        assert seconds(lambda: ask(store)) < SILENCE / 2
        store.close()


def test_steps_of_a_statement_pass_unchanged() -> None:
    def steps() -> Any:
        heard = [(yield "read"), (yield "write")]
        return heard

    seen = watched(steps(), 60.0, lambda: pytest.fail("it was not silent"))
    assert [next(seen), seen.send(1)] == ["read", "write"]
    with pytest.raises(StopIteration) as end:
        seen.send(2)
    assert end.value.value == [1, 2]


class Waiting:
    """Something that is done in a thread of its own, and how it ended."""

    def __init__(self, do: Callable[[], object]) -> None:
        self._do = do
        self._begun = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def lives(self) -> bool:
        return self._thread.is_alive()

    def until_begun(self) -> None:
        assert self._begun.wait(60)
        time.sleep(0.5)  # it has sent its statement

    def ended(self) -> BaseException | None:
        self._thread.join(2 * NOTICED)
        assert not self.lives
        return self._error

    def _run(self) -> None:
        self._begun.set()
        try:
            self._do()
        except Exception as error:  # noqa: BLE001 the test looks at it
            self._error = error
