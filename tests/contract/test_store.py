"""The store's sessions, on SQLite and on PostgreSQL alike."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from shared.errors import SchemaOutdated, StoreUnavailable
from shared.store import Store
from shared.store.migrate import upgrade
from shared.store.schema import check
from shared.store.upsert import insert_new, upsert
from shared.subscriptions.tables import SecretRow


def test_what_was_written_is_read(store: Store) -> None:
    with store.writing() as session:
        session.add(SecretRow(name="a", value="b"))
    with store.reading() as session:
        assert session.get_one(SecretRow, "a").value == "b"


def test_an_error_rolls_the_transaction_back(store: Store) -> None:
    def write_and_fail() -> None:
        with store.writing() as session:
            session.add(SecretRow(name="a", value="b"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    with store.reading() as session:
        assert session.get(SecretRow, "a") is None


def test_only_the_first_insert_of_a_key_inserts(store: Store) -> None:
    with store.writing() as session:
        assert insert_new(session, SecretRow, {"name": "a", "value": "first"})
        assert not insert_new(session, SecretRow, {"name": "a", "value": "second"})
        upsert(session, SecretRow, ["name"], {"name": "b", "value": "first"})
        upsert(session, SecretRow, ["name"], {"name": "b", "value": "second"})
    with store.reading() as session:
        assert [session.get_one(SecretRow, name).value for name in "ab"] == ["first", "second"]


def test_two_that_serialise_on_one_name_follow_one_another(store: Store) -> None:
    with store.writing() as session:
        session.add(SecretRow(name="count", value="0"))

    def count() -> None:
        for _ in range(20):
            with store.writing() as session:
                store.serialise(session, "count")
                row = session.get_one(SecretRow, "count")
                row.value = str(int(row.value) + 1)
                session.add(row)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.get_one(SecretRow, "count").value == "80"


def test_the_time_of_the_database_is_aware_and_now(store: Store) -> None:
    with store.reading() as session:
        assert abs(store.now(session) - datetime.now(UTC)) < timedelta(minutes=1)


def test_migrating_again_changes_nothing(store: Store) -> None:
    upgrade(store.url)
    check(store)


def test_a_database_without_schema_says_what_to_do(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(SchemaOutdated, match="vigie migrate"):
        check(store)


def test_a_newer_schema_is_left_as_it_is_so_that_a_program_can_be_taken_back(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    upgrade(store.url)
    check(store)


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    nowhere = Store("postgresql+psycopg://vigie@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable):
        nowhere.ping()
    nowhere.close()
