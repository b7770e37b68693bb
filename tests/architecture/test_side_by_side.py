"""Tests in several processes give what they give in one; one that dies costs the test that it ran, no other."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CONFTEST = """
from tests.once import RUN, begin
from tests.side_by_side import pytest_addoption, pytest_runtestloop

def pytest_configure(config):
    config.stash[RUN] = begin(config)
"""

FIRST = """
import os, pytest

@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    yield tmp_path_factory.getbasetemp()
    raise RuntimeError("the end of what is kept")

def test_good(kept, tmp_path): assert tmp_path.parent == kept
def test_bad(): print("said by the bad one"); assert 1 == 2
def test_left_out(): pytest.skip("for a reason")
def test_deadly(): os._exit(7)
def test_after_it(): pass
"""

SECOND = """
def test_of_another_file(tmp_path): pass
"""


def _run(folder: Path, *options: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name, text in (("conftest", CONFTEST), ("test_first", FIRST), ("test_second", SECOND)):
        (folder / f"{name}.py").write_text(text, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    command = (sys.executable, "-m", "pytest", "-ra", "--processes", "2", *options)
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_each_test_runs_once_and_who_dies_is_named_and_replaced(tmp_path: Path) -> None:
    said = _run(tmp_path)
    assert "2 failed, 3 passed, 1 skipped in" in said
    assert "FAILED test_first.py::test_deadly - the process that ran it ended with 7" in said
    assert ": for a reason" in said
    assert "said by the bad one" in said


def test_the_first_failure_can_end_the_run_and_what_was_kept_is_taken_down(tmp_path: Path) -> None:
    said = _run(tmp_path, "-x", "-k", "good or bad")
    assert "FAILED test_first.py::test_bad - assert 1 == 2" in said
    assert "ERROR test_first.py::test_bad - RuntimeError: the end of what is kept" in said
