"""A database file that is damaged, gone or another one: a sentence with a remedy, wherever it is met."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.errors import StoreUnavailable
from shared.store import Store
from shared.store.migrate import upgrade
from shared.store.schema import check
from tests.fakes import a_store
from tests.mailing import archive

REMEDY = r"vigie\.db is damaged.*vigie restore FILE"


def read(store: Store) -> None:
    with store.reading() as session:
        session.execute(text("SELECT count(*) FROM people")).scalar_one()


def write(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("INSERT INTO subscriptions_version (id, version) VALUES (3, 1)"))


@pytest.mark.parametrize("use", [read, write, check, lambda store: upgrade(store.url)])
def test_a_file_that_is_no_database_is_said_with_a_remedy(tmp_path: Path, use: Callable[[Store], None]) -> None:
    path = tmp_path / "vigie.db"
    path.write_bytes(random.Random(1).randbytes(50_000))
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match=REMEDY):
        use(store)
    store.close()


def test_pages_that_were_overwritten_are_said_with_a_remedy(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    for number in range(60):
        archive(store, f"item {number}", text="Das Netz wächst. " * 200)
    store.close()
    path = tmp_path / "vigie.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    dice = random.Random(2)
    with path.open("r+b") as file:
        for page in range(5, os.path.getsize(path) // 4096):
            file.seek(page * 4096)
            file.write(dice.randbytes(4096))
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match=REMEDY), store.reading() as session:
        session.execute(text("SELECT text FROM items ORDER BY sort_at")).all()
    with pytest.raises(StoreUnavailable, match=REMEDY):
        store.read_through()
    store.close()


@pytest.mark.parametrize("use", [read, write])
def test_a_database_that_was_deleted_takes_and_gives_nothing_more(
    tmp_path: Path, use: Callable[[Store], None]
) -> None:
    store = a_store(tmp_path)
    write(store)
    for file in tmp_path.glob("vigie.db*"):
        file.unlink()
    with pytest.raises(StoreUnavailable, match=r"vigie\.db is gone"):
        use(store)
    store.engine.dispose()
    with pytest.raises(StoreUnavailable, match=r"vigie\.db is gone"):
        use(store)
    assert not (tmp_path / "vigie.db").exists()
    store.close()


def test_a_database_that_was_replaced_is_not_written_beside(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    write(store)
    (tmp_path / "vigie.db").rename(tmp_path / "old.db")
    a_store(tmp_path).close()
    with pytest.raises(StoreUnavailable, match=r"replaced by another file.*restart"):
        read(store)
    store.close()
