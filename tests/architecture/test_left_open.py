"""The suite names the test that left a connection to SQLite open."""

import sqlite3
from contextlib import closing
from threading import Thread

from tests.left_open import Opened


def test_a_connection_that_is_open_at_the_end_is_named_by_the_test_that_opened_it() -> None:
    opened = Opened()
    with closing(sqlite3.connect(":memory:")):
        (named,) = opened.left()
    assert "test_a_connection_that_is_open_at_the_end" in named


def test_a_closed_connection_is_not_named_whichever_thread_had_it() -> None:
    opened = Opened()
    thread = Thread(target=lambda: sqlite3.connect(":memory:").close())
    thread.start()
    thread.join()
    sqlite3.connect(":memory:").close()
    assert opened.left() == []


def test_a_connection_that_another_thread_left_open_is_named() -> None:
    opened = Opened()
    found: list[sqlite3.Connection] = []
    thread = Thread(target=lambda: found.append(sqlite3.connect(":memory:", check_same_thread=False)))
    thread.start()
    thread.join()
    assert len(opened.left()) == 1
    found[0].close()
