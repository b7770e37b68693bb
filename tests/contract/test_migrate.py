"""`vigie migrate` from several processes at once: one migrates, the others wait and find it done."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from shared.config import environment_with
from shared.store import Store
from shared.store.migrate import _LOCK, build, settings, upgrade
from shared.store.schema import check, current, newest, revisions
from tests.contract.meeting import Meanwhile, waiters
from tests.databases import execute
from tests.pipeline.commands import commands

PROCESSES = 3
START = 90  # seconds for all of them on a busy machine


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[Store]:
    name = f"vigie_{uuid.uuid4().hex[:12]}"
    execute(postgres_url, f"CREATE DATABASE {name}")
    store = Store(f"{postgres_url}/{name}")
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without a schema; the embedded one does not even have its file."""
    if request.param == "postgres":
        yield request.getfixturevalue("empty_postgres")
        return
    store = Store(f"sqlite:///{tmp_path / 'new' / 'vigie.db'}")
    yield store
    store.close()


@pytest.mark.slow
def test_processes_that_migrate_at_once_all_succeed(empty: Store, tmp_path: Path) -> None:
    environment = environment_with({"data_dir": str(tmp_path / "data"), "database_url": empty.url})
    log = tmp_path / "log"
    log.touch()
    running = [commands().begin(["migrate"], environment, tmp_path, log) for _ in range(PROCESSES)]
    assert [process.wait(START) for process in running] == [0] * PROCESSES, log.read_text("utf-8")
    check(empty)
    assert rows(empty, "SELECT count(*) FROM secrets") == 2  # one for links, one for addresses
    assert rows(empty, "SELECT count(*) FROM alembic_version") == 1


def test_who_comes_while_another_migrates_waits_and_finds_it_done(empty_postgres: Store) -> None:
    with empty_postgres.writing() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        others = [Meanwhile(lambda: upgrade(empty_postgres.url)) for _ in range(3)]
        for other in others:
            other.settle(empty_postgres, waiting=len(others))
        waited = waiters(empty_postgres)
    for other in others:
        other.join()
    check(empty_postgres)
    assert waited == len(others)


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(settings())


def test_the_names_of_the_files_say_what_alembic_reads_in_them() -> None:
    assert list(revisions()) == [script.revision for script in scripts().walk_revisions()][::-1]
    assert newest() == scripts().get_current_head()


def test_a_database_without_a_schema_has_none(empty: Store) -> None:
    with empty.reading() as session:
        assert current(session.connection()) is None


def rows(store: Store, counted: str) -> int:
    with store.reading() as session:
        return int(session.execute(text(counted)).scalar_one())


def test_people_of_before_get_the_mailbox_that_their_address_leads_to(empty: Store) -> None:
    person = text(
        "INSERT INTO people (id, address, language, zone, created_at) VALUES (:id, :address, 'de', '', :at)"
    )
    with empty.writing() as session:
        (script,) = [script for script in scripts().walk_revisions() if script.doc.startswith("The mailbox")]
        build(session.connection(), str(script.down_revision))
        for id_, address in (("a", "leser+x@example.org"), ("b", "l.eser@gmail.com")):
            session.execute(person, {"id": id_, "address": address, "at": "2026-03-02T09:00:00+00:00"})
    upgrade(empty.url)
    with empty.reading() as session:
        found = session.execute(text("SELECT mailbox FROM people ORDER BY id")).scalars().all()
    assert found == ["leser@example.org", "leser@gmail.com"]
