"""What a run of the suite starts once, for all its processes: by the first one, when somebody asks.

With pytest-xdist that is the one that tests nothing. It waits for wishes, files in the folder of the run, and
answers each with another file. The servers are its children, so that it can see them end.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Final, Protocol

import pytest

MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30  # bytes
FOLDER: Final = "VIGIE_TEST_RUN"  # its name in the environment, for what is no fixture
RUN: Final = pytest.StashKey[Path]()  # the folder of the run
PATIENCE = 240.0  # seconds until a server has started, its programs fetched before
GLANCE = 0.05  # seconds between two looks for a wish or an answer


def memory() -> Path | None:
    """A place for files in memory, where there is enough; else None, as `tempfile` has it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


def begin(config: pytest.Config) -> Path:
    """Make the folder of the run, in memory where there is room: what a disk does on fsync is not what we test."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-tests-", dir=memory()))
    os.environ[FOLDER] = str(folder)
    if config.option.basetemp is None:
        config.option.basetemp = str(folder / "tests")
    return folder


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """The folder of the whole run; each of its processes has its own besides."""
    return request.config.stash[RUN]


def wished(folder: Path, name: str) -> str:
    """The address of a server that the run of this folder shares. Fails when it could not be started."""
    wish, answer = _files(folder, name)
    wish.touch()
    end = time.monotonic() + PATIENCE
    while not answer.exists():
        assert time.monotonic() < end, f"after {PATIENCE:.0f} s still waiting for {name}"
        time.sleep(GLANCE)
    said = json.loads(answer.read_text("utf-8"))
    assert "error" not in said, f"{name} could not be started: {said['error']}"
    return str(said["url"])


class Server(Protocol):
    """What runs beside the tests, for all of them."""

    @property
    def url(self) -> str: ...

    def remove(self) -> None:
        """End it, with all that it wrote."""


class Starter:
    """Starts the servers that are wished for, and ends them with the run."""

    def __init__(self, folder: Path, servers: Mapping[str, Callable[[Path], Server]]) -> None:
        self._ended = Event()
        self._work = contextlib.ExitStack()
        for name, start in servers.items():
            thread = Thread(target=self._await, args=(folder, name, start), daemon=True)
            thread.start()
            self._work.callback(thread.join)

    def _await(self, folder: Path, name: str, start: Callable[[Path], Server]) -> None:
        wish, answer = _files(folder, name)
        while not wish.exists():
            if self._ended.wait(GLANCE):
                return
        server: Server | None = None
        try:
            server = start(folder / name)
            said = {"url": server.url}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - said to whoever asked
            said = {"error": f"{type(error).__name__}: {error}"}
        draft = answer.with_suffix(".draft")
        draft.write_text(json.dumps(said), "utf-8")
        draft.rename(answer)
        self._ended.wait()
        if server is not None:
            server.remove()

    def end(self) -> None:
        self._ended.set()
        self._work.close()


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.wish", folder / f"{name}.answer"
