"""`vigie run` as a user knows it: one command, up soon, back after a kill, a sentence when it cannot."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.pipeline.harness import Vigie, wait_until

START = 30.0  # seconds for all services on a busy machine
SERVICES = ("archivist", "portal")


def answers(vigie: Vigie) -> bool:
    try:
        with urllib.request.urlopen(f"{vigie.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def worker_of(vigie: Vigie) -> int:
    children = Path(f"/proc/{vigie.only.pid}/task/{vigie.only.pid}/children").read_text().split()
    return int(children[0]) if children else 0


def test_one_command_migrates_starts_and_says_where(tmp_path: Path) -> None:
    with Vigie(tmp_path, afresh=True) as vigie:
        vigie.start(*SERVICES)
        wait_until(lambda: "Vigie runs" in vigie.log.read_text(), START, "the portal's address")
        assert vigie.url in vigie.log.read_text()
        assert answers(vigie)
        wait_until(lambda: vigie.status()["stages"]["portal"]["alive"], START, "the heartbeat")
        assert not vigie.status()["stages"]["collector"]["alive"]
        begun = time.monotonic()
        assert vigie.stop() == [0]
        assert time.monotonic() - begun < 12.0
        assert not vigie.status()["stages"]["portal"]["alive"]


def test_a_killed_worker_serves_again_by_itself(tmp_path: Path) -> None:
    with Vigie(tmp_path, afresh=True) as vigie:
        vigie.start(*SERVICES)
        wait_until(lambda: answers(vigie), START, "the portal")
        os.kill(worker_of(vigie), signal.SIGKILL)
        wait_until(lambda: not answers(vigie), START, "the end of the first worker")
        wait_until(lambda: answers(vigie), START, "the portal of the next worker")


def test_a_taken_port_ends_with_a_sentence(tmp_path: Path) -> None:
    with Vigie(tmp_path) as vigie, socket.socket() as other:
        other.bind(("127.0.0.1", vigie.port))
        other.listen()
        vigie.start(*SERVICES)
        assert vigie.only.wait(timeout=START) == 2
        said = vigie.log.read_text()
        assert "VIGIE_HTTP" in said
        assert "Traceback" not in said


def test_a_folder_that_cannot_be_written_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with Vigie(tmp_path, VIGIE_DATA_DIR=str(tmp_path / "file" / "data")) as vigie:
        vigie.start(*SERVICES)
        assert vigie.only.wait(timeout=START) == 2
        said = vigie.log.read_text()
        assert "VIGIE_DATA_DIR" in said
        assert "Traceback" not in said


@pytest.mark.slow
def test_a_second_run_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with Vigie(tmp_path) as first, Vigie(tmp_path) as second:
        first.start(*SERVICES)
        wait_until(lambda: answers(first), START, "the portal")
        second.log = tmp_path / "second.log"
        second.start(*SERVICES)
        assert second.only.wait(timeout=START + 15) == 1
        assert "is running already" in second.log.read_text()
        assert answers(first)
