"""What a worker needs before it starts: its names and its port, or a sentence."""

import os
import socket
import threading
from pathlib import Path

import pytest

from shared.errors import ConfigError, Conflict
from shared.worker import check_port, hold_all, hold_names


def test_a_name_that_is_held_is_refused_with_a_sentence(tmp_path: Path) -> None:
    held = hold_names(tmp_path / "locks", ["host.portal"])
    with pytest.raises(Conflict, match=r"host\.portal is running already"):
        hold_names(tmp_path / "locks", ["host.portal"], patience=0.2)
    hold_names(tmp_path / "locks", ["other.portal"], patience=0.0)
    for lock in held:
        os.close(lock)


def test_a_name_that_becomes_free_is_taken(tmp_path: Path) -> None:
    for lock in hold_names(tmp_path, ["a", "b"]):
        os.close(lock)
    assert len(hold_names(tmp_path, ["a", "b"], patience=0.0)) == 2


def test_all_names_wait_for_a_process_that_was_killed_just_now(tmp_path: Path) -> None:
    (held,) = hold_names(tmp_path, ["a"])
    with pytest.raises(Conflict, match="a runs on"):
        hold_all(tmp_path, patience=0.0)
    dying = threading.Timer(0.2, os.close, [held])
    dying.start()
    assert len(hold_all(tmp_path)) == 1
    dying.join()


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigError, match="VIGIE_DATA_DIR"):
        hold_names(tmp_path / "file" / "locks", ["a"])


def test_a_taken_port_names_the_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ConfigError, match="VIGIE_HTTP"):
            check_port("127.0.0.1", other.getsockname()[1])


def test_a_free_port_is_fine() -> None:
    check_port("127.0.0.1", 0)
