"""Runs the product as a user does: `vigie …` in processes of their own, on a data folder of the test's."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlmodel import Session

from shared.archive.store import count_current, current_items
from shared.errors import StoreUnavailable, Unavailable
from shared.store import Store
from tests.pipeline.commands import Forked, commands

UNANSWERED = 3  # the exit code where something does not answer
BASE = (sys.executable, "-m", "services.cli")
Answer = TypeVar("Answer")


# Below those that the kernel gives to clients: one of them must not get it between our look and its use.
PORTS = range(10_000, 19_000)


def free_port() -> int:
    """A port on loopback. At random: those who ask at the same moment must not meet at one."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


SLOWER = 4
MINUTES = 240.0  # seconds: a test that waits so long for one thing fails of its own time limit


def wait_until(claim: Callable[[], object], seconds: float, what: str) -> Any:
    """The first true answer of `claim`; fails with `what` when there is none in time.

    The seconds are plenty on an idle machine; one that is four times slower passes too.
    What takes long to answer is asked less often, so that waiting leaves the machine to those who are waited for.
    """
    end = time.monotonic() + max(seconds, min(SLOWER * seconds, MINUTES))
    while True:
        asked = time.monotonic()
        if answer := claim():
            return answer
        assert time.monotonic() < end, f"after {seconds:.0f} s still waiting for: {what}"
        time.sleep(max(0.05, min(3.0, 3 * (time.monotonic() - asked))))


SERVICES = ("collector", "classifier", "archivist", "notifier", "portal")


class Vigie:
    """One installation: a data folder, its settings, and the processes on it.

    With `together`, `vigie run` is one process with all services; else each service is one of its own. Processes
    are forked from one that has imported the program, or `afresh` with an interpreter of their own.
    """

    def __init__(self, folder: Path, *, together: bool = True, afresh: bool = False, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "vigie.log"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")} | {
            "VIGIE_DATA_DIR": str(folder / "data"),
            "VIGIE_HTTP": f"127.0.0.1:{self.port}",
            "VIGIE_ALLOWED_NETWORKS": "127.0.0.0/8",
            "VIGIE_MIN_INTERVAL": "1",
            **settings,
        }
        self.together = together
        self.afresh = afresh
        self.processes: dict[str, Forked | subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sources(self, *sources: tuple[str, str], interval: int = 2, more: str = "") -> None:
        """Write the sources file: (id, url) pairs of feeds."""
        path = self.folder / "sources.toml"
        blocks = [
            f'[[source]]\nid = "{id_}"\nkind = "feed"\nurl = "{url}"\ninterval = {interval}\n{more}\n'
            for id_, url in sources
        ]
        path.write_text("\n".join(blocks), "utf-8")
        self.environ["VIGIE_SOURCES"] = str(path)

    def command(self, *arguments: str, check: bool = True, stdin: str | None = None) -> str:
        """Run a command to its end and return its standard output."""
        done = self._run(arguments, stdin)
        assert not check or done.returncode == 0, f"vigie {arguments} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def output(self, *arguments: str) -> str:
        """All that a command writes, however it ends."""
        done = self._run(arguments)
        return done.stdout + done.stderr

    def _run(self, arguments: tuple[str, ...], stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return commands().run(arguments, self.environ, self.folder, stdin)

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.command(*arguments).splitlines()]

    def items(self, query: str = "") -> list[dict[str, Any]]:
        """What the archive finds. A database server that is too busy for a moment is asked again."""

        def answer() -> subprocess.CompletedProcess[str] | None:
            done = self._run(("search", query, "--format", "ndjson"))
            return None if done.returncode == UNANSWERED else done

        done = wait_until(answer, 30, "an answer of the archive")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def count(self) -> int:
        """How many items the archive holds: asked of the database itself, so that waiting costs little."""
        return self._asked(count_current)

    def titles(self) -> list[str]:
        """Those of all items in the archive, sorted: asked of the database, too. None before there is one."""
        with suppress(Unavailable):
            return sorted(self._asked(lambda session: [item.title for item in current_items(session)]))
        return []

    def _asked(self, question: Callable[[Session], Answer]) -> Answer:
        """Raises Unavailable."""
        file = Path(self.environ["VIGIE_DATA_DIR"]) / "vigie.db"
        url = self.environ.get("VIGIE_DATABASE_URL")
        if not url and not file.exists():  # asking would make one
            raise StoreUnavailable(f"there is no {file} yet")
        with closing(Store(url or f"sqlite:///{file}")) as store, store.reading() as session:
            return question(session)

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.command("status", "--json", check=False))
        return status

    def start(self, *services: str) -> None:
        """Start these services, all where none is named."""
        if self.together:
            self.start_one(*services)
            return
        self.command("migrate")
        for name in services or SERVICES:
            self.start_one(name)

    def start_one(self, *services: str, instance: str = "") -> None:
        """Start one process with these services. `instance` tells it from its like."""
        environ = self.environ | ({"VIGIE_INSTANCE": instance} if instance else {})
        self.processes[" ".join(services) + instance] = self._begin(("run", *services), environ)

    def _begin(self, arguments: Sequence[str], environ: dict[str, str]) -> Forked | subprocess.Popen[bytes]:
        self.log.touch()  # a forked process opens it when it comes to it
        if not self.afresh:
            return commands().begin(arguments, environ, self.folder, self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*BASE, *arguments], env=environ, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def only(self) -> Forked | subprocess.Popen[bytes]:
        """The one process there is."""
        (process,) = self.processes.values()
        return process

    def kill(self, *names: str) -> None:
        """End process groups at once, as the kernel's out-of-memory killer would; all where none is named."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self, *names: str) -> list[int]:
        """Ask politely, as an init system does, and return the exit codes."""
        asked = [self.processes.pop(name) for name in names or tuple(self.processes)]
        for process in asked:
            process.terminate()
        return [process.wait(timeout=30) for process in asked]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.kill()
        if error is not None and self.log.exists():
            print(self.log.read_text("utf-8", "replace")[-4000:])  # noqa: T201 - shown by pytest with the failure
