"""Whether a store takes rows: what the last transaction showed, and whether the disk has room."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import text

from shared import disk
from shared.errors import StoreUnavailable
from shared.store import Store
from tests.fakes import a_store

FILL = text("CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) "
            "SELECT randomblob(1000) AS stuff FROM n")  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(a_store(tmp_path)) as opened:
        yield opened


def test_a_store_at_rest_is_well(store: Store) -> None:
    store.check()


def grow(store: Store, *, pages: int) -> None:
    """Write 5 MB in one transaction of a database that may grow to so many pages."""
    with store.writing() as session:
        session.execute(text(f"PRAGMA max_page_count={pages}"))
        session.execute(FILL)


def test_a_database_that_may_not_grow_is_red_until_it_may_and_keeps_what_it_had(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match=r"the disk is full.*VIGIE_DATA_DIR"):
        grow(store, pages=300)
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        store.check()
    grow(store, pages=100_000)
    store.check()


def test_a_disk_without_room_is_red_before_a_write_fails(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LEAST", 1 << 60)
    with pytest.raises(StoreUnavailable, match="is about to stop: the disk is full"):
        store.check()
