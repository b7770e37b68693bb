"""A database that a test of this run used is to the next one as if it were new."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from shared.archive.tables import ItemRow
from shared.store import Store
from shared.subscriptions.tables import PersonRow
from tests.databases import Databases
from tests.mailing import archive, deliver_all, match, subscribe


@pytest.fixture
def databases(_databases: Databases) -> Databases:
    return _databases


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


def _rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All that a database holds, and the numbers that its sequences gave."""
    with store.reading() as session:
        names = session.scalars(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg|sql)_'")
        )
        tables = {name: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}"'))] for name in names}
        numbers = session.execute(text("SELECT sequencename, last_value FROM pg_sequences"))
        return tables | {"numbers": [tuple(row) for row in numbers]}


def test_what_was_written_is_gone_what_migrations_wrote_is_there_and_numbers_begin_anew(
    store: Store, databases: Databases
) -> None:
    before = _rows(store)
    one = databases.take()
    try:
        for _ in range(2):
            with_it = Store(one.url)
            try:
                assert _rows(with_it) == before
                subscribe(with_it, "leser@example.org")
                match(with_it, archive(with_it, "one", title="Das Stromnetz wächst"))
                deliver_all(with_it)
                with with_it.reading() as session:
                    assert session.exec(select(PersonRow.id)).all()
                    assert session.exec(select(ItemRow.item_id)).all()
                assert _rows(with_it) != before
            finally:
                assert one.emptied()  # thrown out while connected
                with_it.close()
    finally:
        databases.give_back(one)


@pytest.mark.parametrize(
    "done", ["ALTER TABLE memos ADD COLUMN more int", "CREATE SCHEMA more", "ALTER DATABASE {} SET jit = off"]
)
def test_one_whose_schema_or_settings_were_changed_is_not_used_again(databases: Databases, done: str) -> None:
    one = databases.take()
    store = Store(one.url)
    with store.writing() as session:
        session.execute(text(done.format(one.url.rpartition("/")[2])))
    store.close()
    databases.give_back(one)
    other = databases.take()
    databases.give_back(other)
    assert other is not one
