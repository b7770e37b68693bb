"""An erased address is nowhere: not in a table, not in what a table left behind in the file.

SQLite is told to leave deleted bytes alone, as a build without SQLITE_SECURE_DELETE does by itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from services.notifier.app import purge_once
from services.notifier.sink import FileSink
from shared.config import Settings
from shared.errors import NotFound
from shared.store import Store
from shared.store.sweep import sweep_once
from shared.subscriptions import lifecycle, people
from shared.subscriptions.erasure import erase_for_good
from shared.subscriptions.ledger import enqueue_operator_mail
from shared.subscriptions.version import changing
from shared.wiring import make_ready
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, archive, assign_all, deliverer, mail_through, match, subscribe

ADDRESS = "sehr.besonderer.leser@example.org"


@pytest.fixture(autouse=True)
def _built_without_secure_delete() -> Iterator[None]:
    """Listeners of all engines come before those of ours."""

    def leave_bytes(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA secure_delete=OFF")

    event.listen(Engine, "connect", leave_bytes)
    yield
    event.remove(Engine, "connect", leave_bytes)


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def traces(folder: Path) -> bool:
    return ADDRESS.encode() in bytes_of(folder)


def all_about_them(store: Store) -> None:
    """Everything that a person leaves: subscriptions, consent, wishes, mails to them."""
    subscribe(store, ADDRESS)
    with store.writing() as session:
        now = store.now(session)
        lifecycle.request(session, now, ADDRESS, "theme:ai", "daily", "de", keys=KEYS)
        enqueue_operator_mail(session, now, key="1", recipient=ADDRESS, subject="s", body=f"Dear {ADDRESS}")
    mail_through(store, archive(store, "one"))


def test_no_byte_of_an_erased_address_is_left(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    all_about_them(store)
    assert traces(tmp_path)
    erased = erase_for_good(store, ADDRESS, keys=KEYS)
    assert len(erased.mails) == 3
    assert erased.whole
    assert not traces(tmp_path)
    with store.reading() as session, pytest.raises(NotFound):
        people.find(session, ADDRESS)
    store.close()


def test_whoever_is_purged_leaves_no_byte_either(tmp_path: Path) -> None:
    clock = FakeClock()
    store = a_store(tmp_path / "data", clock)
    with store.writing() as session:
        lifecycle.request(session, store.now(session), ADDRESS, "theme:ai", "daily", "de", keys=KEYS)
    clock.advance(days=40)
    purge_once(Settings(data_dir=tmp_path / "data"), store)
    assert not traces(tmp_path)
    store.close()


def test_an_erasure_says_when_a_reader_keeps_the_old_pages_and_the_next_purge_removes_them(tmp_path: Path) -> None:
    store = a_store(tmp_path / "data")
    all_about_them(store)
    with closing(sqlite3.connect(tmp_path / "data" / "vigie.db")) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM people").fetchone()
        with store.bare() as connection:  # the patience of the engine's own connections would be half a minute
            connection.execute("PRAGMA busy_timeout=0")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy
        with changing(store) as session:
            people.erase(session, ADDRESS, store.now(session), keys=KEYS)
        assert traces(tmp_path)
    purge_once(Settings(data_dir=tmp_path / "data"), store)
    assert not traces(tmp_path)
    store.close()


def test_a_mail_that_was_on_its_way_when_its_person_was_erased_is_removed(tmp_path: Path) -> None:
    store, settings = a_store(tmp_path / "data"), Settings(data_dir=tmp_path / "data")
    subscribe(store, ADDRESS)
    match(store, archive(store, "one"))
    assign_all(store)
    sink = FileSink(settings.mail_dir)

    class Late(FileSink):
        """Writes a mail after its person was erased."""

        def send(self, mail: Any) -> Any:
            erase_for_good(store, ADDRESS, keys=KEYS)
            (settings.mail_dir / f"{mail.delivery}2.part").write_bytes(mail.as_bytes())
            return sink.send(mail)

    settings.mail_dir.mkdir()
    deliverer(store, Late(settings.mail_dir)).step()
    assert traces(tmp_path)
    purge_once(settings, store)
    assert not traces(tmp_path)
    store.close()


def test_an_old_file_is_rewritten_once_so_that_nothing_deleted_before_is_left(tmp_path: Path) -> None:
    path = tmp_path / "data" / "vigie.db"
    old = a_store(tmp_path / "data")
    subscribe(old, ADDRESS)
    old.close()
    with closing(sqlite3.connect(path)) as former:  # a program that did not ask for secure deletion
        former.execute("PRAGMA secure_delete=OFF")
        for table in ("subscriptions", "consents", "people"):
            former.execute(f"DELETE FROM {table}")
        former.commit()
        former.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert traces(tmp_path)
    store = Store(f"sqlite:///{path}")
    make_ready(store)
    assert not traces(tmp_path)
    assert not sweep_once(store)
    store.close()
