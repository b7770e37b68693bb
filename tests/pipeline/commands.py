"""`vigie …` without the second that its imports take: each command is forked from a process that has done them.

The forked process is one of its own, with its arguments, environment, folder and pipes; it ends as the real one.
`python -m tests.pipeline.commands` is the process that forks. It reads requests as lines of JSON and answers each
with the exit code. It has no threads, so that a fork is safe.
"""

import atexit
import gc
import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from sqlalchemy.orm import configure_mappers

PATIENCE = 60.0  # seconds until a command that does not end fails the test
ROOT = Path(__file__).parents[2]
USED = ("config", "deliveries", "doctor", "migrate", "people", "search", "sources", "status")


class Commands:
    """The forking process, and how to ask it. One command at a time."""

    def __init__(self) -> None:
        command = (sys.executable, "-m", "tests.pipeline.commands")
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lock = threading.Lock()
        atexit.register(self._process.communicate)

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

    def _ask(self, line: bytes) -> int:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(line + b"\n")
        asked.flush()
        if not select.select([answers], [], [], PATIENCE)[0]:
            self._process.kill()
            raise subprocess.TimeoutExpired(line.decode(), PATIENCE)
        return int(answers.readline())


@cache
def commands() -> Commands:
    """The one of this test process, started when first asked for."""
    return Commands()


def _serve() -> None:
    for name in ("shared.bus.kafka", "psycopg", *(f"services.cli.{name}" for name in USED)):
        importlib.import_module(name)
    configure_mappers()
    gc.freeze()  # so that the garbage collection of a forked process does not copy our memory
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            _become(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer


def _become(arguments: list[str], environ: dict[str, str], folder: str, pipes: str) -> None:
    """Be the command, and end as it does."""
    for number, (name, flags) in enumerate((("in", os.O_RDONLY), ("out", _NEW), ("err", _NEW))):
        os.dup2(os.open(Path(pipes) / name, flags, 0o600), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["vigie", *arguments]
    from services.cli import main

    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    os._exit(code)  # without taking apart all the modules


_NEW = os.O_WRONLY | os.O_CREAT

if __name__ == "__main__":
    _serve()
