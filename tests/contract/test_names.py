"""A name is held by one process of the installation, and free as soon as that one is gone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from shared.errors import Conflict
from shared.store import Store
from shared.store.names import Names

HELD = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


def end_sessions(store: Store) -> None:
    """As the server does when it restarts, or when a machine has vanished for ten seconds."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with store.reading() as session:
        session.execute(text(f"{others} AND pid <> pg_backend_pid()"))


def test_a_name_that_is_held_is_refused_with_a_sentence(store: Store) -> None:
    first = Names(store, ["host.notifier"])
    first.hold()
    second = Names(store, ["host.collector", "host.notifier"], patience=0.2)
    with pytest.raises(Conflict, match=r"host\.notifier is running already on this database.*VIGIE_INSTANCE"):
        second.hold()
    other = Names(store, ["host.collector"], patience=0.0)
    other.hold()  # the refused one kept nothing
    for names in (first, other):
        names.close()


def test_a_name_is_free_when_its_process_is_gone(store: Store) -> None:
    gone, second = Names(store, ["host.notifier"]), Names(store, ["host.notifier"], patience=5.0)
    gone.hold()
    end_sessions(store)  # the kernel tells the server when a process is gone
    second.hold()
    for names in (gone, second):
        names.close()


def test_who_lost_the_session_takes_the_name_again(store: Store) -> None:
    names = Names(store, ["host.notifier"], patience=5.0)
    names.hold()
    end_sessions(store)
    assert names.keep() is False
    second = Names(store, ["host.notifier"], patience=0.0)
    with pytest.raises(Conflict):
        second.hold()
    assert names.lost is None
    names.close()


def test_who_was_away_while_another_took_the_name_knows_it(store: Store) -> None:
    away, other = (Names(store, ["host.notifier"], patience=0.5) for _ in range(2))
    away.hold()
    end_sessions(store)
    other.hold()
    with pytest.raises(Conflict):
        away.keep()
    assert "host.notifier" in (away.lost or "")
    other.close()


def test_holding_again_takes_no_second_session(store: Store) -> None:
    names = Names(store, ["host.notifier"])
    for _ in range(3):
        names.hold()
    with store.reading() as session:
        assert session.execute(text(HELD)).scalar_one() == 1
    names.close()
