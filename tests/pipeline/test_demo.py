"""The demonstration works: it is also the quickest test of the whole product."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.pipeline.harness import free_port, wait_until


def _demo(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "services.cli", "demo", "--port", str(free_port()), *arguments)


@pytest.mark.slow
def test_the_demo_publishes_and_mails_and_ends_by_itself(tmp_path: Path) -> None:
    command = _demo("--once", "3", "--every", "1")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 publications arrived" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_ends_the_demo_and_everything_that_it_started(tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("wb") as out:
        demo = subprocess.Popen(_demo(), cwd=tmp_path, stdout=out, stderr=out, start_new_session=True)
        wait_until(lambda: b"Portal" in output.read_bytes(), 90, "the portal's address")
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(30) == 0, output.read_text("utf-8")
    assert "Nothing of the demonstration stays" in output.read_text("utf-8")
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = (sys.executable, "-m", "services.cli", "demo", "--port", port)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
