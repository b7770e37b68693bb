"""What a worker needs before it starts: its names and its port, or a sentence."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from shared.errors import ConfigError, Conflict
from shared.name_locks import LOCK_WITHIN, WELL_FOR, hold_all, hold_names, say_ending
from shared.worker import check_port


def test_a_name_that_is_held_is_refused_with_a_sentence(tmp_path: Path) -> None:
    held = hold_names(tmp_path / "locks", ["host.portal"])
    with pytest.raises(Conflict, match=rf"host\.portal is running already .* as process {os.getpid()}\."):
        hold_names(tmp_path / "locks", ["host.portal"], patience=0.2)
    hold_names(tmp_path / "locks", ["other.portal"], patience=0.0)
    for lock in held:
        os.close(lock)


def test_who_holds_a_name_and_is_well_is_not_waited_for(tmp_path: Path) -> None:
    (held,) = hold_names(tmp_path, ["a"])
    begun = time.monotonic()
    with pytest.raises(Conflict, match="a is running already"):
        hold_names(tmp_path, ["a"])
    assert time.monotonic() - begun < LOCK_WITHIN / 2
    os.close(held)


def test_a_holder_that_somebody_stopped_is_named_with_what_lets_it_go_on(tmp_path: Path) -> None:
    (held,) = hold_names(tmp_path, ["a"])
    with subprocess.Popen(["sleep", "600"]) as stopped:
        stopped.send_signal(signal.SIGSTOP)
        os.waitpid(stopped.pid, os.WUNTRACED)
        os.ftruncate(held, 0)
        os.pwrite(held, f"{stopped.pid} {os.getpid()}".encode(), 0)
        with pytest.raises(
            Conflict, match=f"process {stopped.pid}, which was stopped; `kill -CONT {stopped.pid}`"
        ):
            hold_names(tmp_path, ["a"])
        stopped.kill()
    os.close(held)


@pytest.mark.parametrize("orphaned", [True, False])
def test_who_is_just_ending_is_waited_for(tmp_path: Path, orphaned: bool) -> None:
    (held,) = hold_names(tmp_path, ["a"])
    if orphaned:  # its parent is another by now
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()} {os.getpid()}".encode(), 0)
    else:
        say_ending([held])
    ending = threading.Timer(WELL_FOR + 0.3, os.close, [held])
    ending.start()
    (ours,) = hold_names(tmp_path, ["a"], patience=60.0)
    ending.join()
    os.close(ours)


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


def test_a_port_that_somebody_is_about_to_give_back_is_waited_for() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        threading.Timer(0.1, other.close).start()
        check_port("127.0.0.1", other.getsockname()[1], patience=60)


def test_a_free_port_is_fine() -> None:
    check_port("127.0.0.1", 0)
