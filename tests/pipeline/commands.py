"""`vigie …` without the seconds that its imports take: each process is forked from one that has done them.

The forked process is one of its own, with its arguments, environment, folder and pipes; it ends as the real one.
`python -m tests.pipeline.commands SOCKET` does the imports once for the whole run (`tests/once.py`) and forks, for
each process of the run that connects, one that forks. That says its id first, reads requests as lines of JSON and
answers each with a number: the exit code of a command, the id of a process that stays, the exit code of one that
has ended. It has no threads: a fork is safe. What only the real start shows (`test_run.py`, `test_demo.py`,
the full sizes) is started for real.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

from sqlalchemy.orm import configure_mappers

from shared import supervise
from shared.supervise import Supervisor
from shared.threads import one_thread_for_arithmetic
from tests.once import FOLDER, wished

PATIENCE = 200.0  # seconds until a command that does not end fails the test; the first waits for all imports
ROOT = Path(__file__).parents[2]
USED = (
    "classify",
    "config",
    "deliveries",
    "doctor",
    "migrate",
    "people",
    "run",
    "search",
    "sources",
    "status",
    "worker",
)
SERVICES = ("archivist", "classifier", "collector", "notifier", "portal")


class Imported:
    """The process that has done the imports, as the run keeps it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.url = str(folder / "socket")
        self._process = subprocess.Popen((sys.executable, "-m", "tests.pipeline.commands", self.url), cwd=ROOT)
        while not Path(self.url).exists():
            assert self._process.poll() is None, "the process that forks commands has ended"
            time.sleep(0.02)

    def remove(self) -> None:
        self._process.terminate()
        self._process.wait()


class Commands:
    """The forking process, and how to ask it. One command at a time."""

    def __init__(self, address: str) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(address)
        self._line = self._connection.makefile("rwb")
        self._lock = threading.Lock()
        self._pid = int(self._line.readline())

    def run(
        self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. Raises TimeoutExpired."""
        with tempfile.TemporaryDirectory(prefix="vigie-command-") as pipes:
            (Path(pipes) / "in").write_text(stdin or "", "utf-8")
            asked = {"arguments": arguments, "environ": dict(environ), "folder": str(folder), "pipes": pipes}
            with self._lock:
                code = self._ask(json.dumps(asked).encode())
            out, err = ((Path(pipes) / name).read_text("utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(["vigie", *arguments], code, out, err)

    def begin(self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path, log: Path) -> "Forked":
        """Start `vigie run …`, which stays, in a process group of its own; what it says goes to the log."""
        asked = {"arguments": arguments, "environ": dict(environ), "folder": str(folder), "log": str(log)}
        with self._lock:
            return Forked(self, self._ask(json.dumps(asked).encode()))

    def close(self) -> None:
        """Ask no more; what serves us ends."""
        self._line.close()
        self._connection.close()

    def code(self, pid: int) -> int:
        """How a process that `begin` started and that has ended did so."""
        with self._lock:
            return self._ask(json.dumps({"ended": pid}).encode())

    def _ask(self, line: bytes) -> int:
        try:
            return self._answer(line)
        except BaseException:  # its answer would come to the next who asks: they ask another one
            os.kill(self._pid, signal.SIGKILL)
            commands.cache_clear()
            raise

    def _answer(self, line: bytes) -> int:
        self._line.write(line + b"\n")
        self._line.flush()
        if not select.select([self._connection], [], [], PATIENCE)[0]:
            raise subprocess.TimeoutExpired(line.decode(), PATIENCE)
        return int(self._line.readline())


class Forked:
    """A process that stays; asked and told as a Popen is."""

    def __init__(self, commands: Commands, pid: int) -> None:
        self.pid = pid
        self._commands = commands
        self._end = os.pidfd_open(pid)  # can be read from once the process has ended
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("vigie run", timeout or 0.0)
        return code

    def terminate(self) -> None:
        """Nobody else gets the id meanwhile: it is kept until we have asked for the code."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def _look(self, seconds: float | None) -> int | None:
        if self._code is None and select.select([self._end], [], [], seconds)[0]:
            self._code = self._commands.code(self.pid)
            os.close(self._end)
        return self._code


@cache
def commands() -> Commands:
    """The one of this test process, started when first asked for."""
    asked = Commands(wished(Path(os.environ[FOLDER]), "commands"))
    atexit.register(asked.close)
    return asked


def _listen(address: str) -> None:
    """Import everything, and fork one that serves for whoever connects."""
    draft = f"{address}.draft"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(draft)
        listening.listen()
        Path(draft).rename(address)
        _import()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that serve leave nothing behind
        while True:
            connection, _ = listening.accept()
            with connection:
                if os.fork() == 0:
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listening.close()
                    _serve(connection)


def _import() -> None:
    one_thread_for_arithmetic()
    commands = (f"services.cli.{name}" for name in USED)
    services = (f"services.{name}.app" for name in SERVICES)
    for name in ("shared.bus.kafka", "psycopg", "alembic.command", *commands, *services):
        importlib.import_module(name)
    configure_mappers()
    gc.freeze()  # so that the garbage collection of a forked process does not copy our memory


def _serve(connection: socket.socket) -> NoReturn:
    """Answer until nobody asks any more."""
    with connection.makefile("rwb") as line_of:
        line_of.write(b"%d\n" % os.getpid())
        line_of.flush()
        for line in line_of:
            asked = json.loads(line)
            if ended := asked.get("ended"):
                number = _code(ended)
            else:
                child = os.fork()
                if child == 0:
                    os.close(connection.fileno())
                    _become(**asked)
                number = child if "log" in asked else _code(child)
            line_of.write(b"%d\n" % number)
            line_of.flush()
    os._exit(0)


def _code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(
    arguments: list[str], environ: dict[str, str], folder: str, pipes: str = "", log: str = os.devnull
) -> NoReturn:
    """Be the command, and end as it does. One that stays has a log instead of pipes."""
    place = Path(pipes)
    files = ((place / "in", os.O_RDONLY), (place / "out", _NEW), (place / "err", _NEW))
    if not pipes:
        os.setsid()
        files = ((Path(os.devnull), os.O_RDONLY), (Path(log), _MORE), (Path(log), _MORE))
    for number, (file, flags) in enumerate(files):
        os.dup2(os.open(file, flags, 0o600), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    supervise.Supervisor = _Parent  # type: ignore[misc]
    _end(arguments)


def _end(arguments: Sequence[str]) -> NoReturn:
    """Run the command here."""
    sys.argv = ["vigie", *arguments]
    from services.cli import main

    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    os._exit(code)  # without taking apart all the modules


class _Parent(Supervisor):
    """The parent of `vigie run`, whose workers are forked from it."""

    def _begin(self, theirs: int, _ours: int) -> "_Worker":  # type: ignore[override]
        pid = os.fork()
        if pid == 0:
            os.close(_ours)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            command = self._command(theirs)
            _end(command[command.index("run") :])
        return _Worker(pid)


class _Worker:
    """A forked worker; asked and told as a Popen is."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        """It has ended: its parent waited for it."""

    def wait(self) -> int:
        return _code(self._pid)

    def terminate(self) -> None:
        os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)


_NEW = os.O_WRONLY | os.O_CREAT
_MORE = _NEW | os.O_APPEND

if __name__ == "__main__":
    _listen(sys.argv[1])
