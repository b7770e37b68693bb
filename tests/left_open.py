"""Connections to SQLite that a test opened and nobody closed: a fixture for `tests/conftest.py`.

Python 3.13 and later report each of them, at whatever moment the collector finds it, and the suite takes that for
an error of the test that runs just then. Here the test that opened it is named, on every Python.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator

import pytest


class Opened:
    """Every connection that this process opened while it was watched, and the test that did."""

    def __init__(self) -> None:
        self._found: list[tuple[sqlite3.Connection, str]] = []
        self._watching = True
        sys.addaudithook(self._hear)  # it can never be taken away again

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if event == "sqlite3.connect/handle" and self._watching:
            (connection,) = args
            assert isinstance(connection, sqlite3.Connection)
            self._found.append((connection, os.environ.get("PYTEST_CURRENT_TEST", "no test")))

    def left(self) -> list[str]:
        """The tests whose connections are still open; ends the watch."""
        self._watching = False
        return sorted({test for connection, test in self._found if _is_open(connection)})


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_open() -> Iterator[None]:
    opened = Opened()
    yield
    if left := opened.left():
        pytest.fail("connections to SQLite were opened and not closed by\n" + "\n".join(left), pytrace=False)
