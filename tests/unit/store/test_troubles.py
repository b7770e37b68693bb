"""What we say of a database that does not answer."""

import errno
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.errors import ConfigError
from shared.store import Store
from shared.store.troubles import told

SERVER = make_url("postgresql+psycopg://vigie:geheim@db.example:5433/vigie")


class FromServer(Exception):
    """As the driver raises it, once it had a session."""

    def __init__(self, text: str, sqlstate: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def test_a_server_that_refuses_names_place_and_setting_and_no_password() -> None:
    said = told(
        SERVER, Exception('connection failed: FATAL:  password authentication failed for user "vigie"\nmore')
    )
    assert "db.example:5433" in said
    assert "VIGIE_DATABASE_URL" in said
    assert "password authentication failed" in said
    assert "geheim" not in said
    assert "\n" not in said


def test_a_full_disk_of_the_server_is_called_so() -> None:
    said = told(SERVER, FromServer("could not extend file: No space left on device", "53100"))
    assert "the disk of PostgreSQL at db.example:5433 is full" in said


def test_a_question_that_takes_too_long_is_no_server_that_is_gone() -> None:
    said = told(SERVER, FromServer("canceling statement due to statement timeout", "57014"))
    assert "PostgreSQL at db.example:5433 was stopped in the middle of a question" in said
    assert "ANALYZE" in said
    assert "does not answer" not in said


def test_a_full_disk_of_sqlite_names_the_folder(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'vigie.db'}")
    for error in (Exception("database or disk is full"), OSError(errno.ENOSPC, "No space left on device")):
        said = told(url, error)
        assert "the disk is full" in said
        assert str(tmp_path) in said
        assert "VIGIE_DATA_DIR" in said


def test_another_error_of_sqlite_is_no_full_disk(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'vigie.db'}")
    assert "full" not in told(url, Exception("disk I/O error"))
    assert "vigie migrate" in told(url, Exception("no such table: items"))


def test_an_address_that_is_none_is_refused_without_being_repeated() -> None:
    with pytest.raises(ConfigError, match="VIGIE_DATABASE_URL") as error:
        Store("postgresql+psycopg://vigie:geheim@host:port/vigie")
    assert "geheim" not in str(error.value)


def test_of_several_hosts_all_are_named() -> None:
    for url in ("postgresql+psycopg://vigie@a,b:5433/vigie", "postgresql+psycopg://vigie@/vigie?host=a&host=b"):
        store = Store(url)
        assert "PostgreSQL at a, b " in told(store.engine.url, Exception("timeout"))
        store.close()
