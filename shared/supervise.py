"""The parent of `vigie run`: starts one worker process, restarts it when it dies, and passes a stop on.

Standard library only, so that what must never fail stays small. The worker holds the reading end of a pipe whose
writing end only the parent has: however the parent ends, the kernel closes it, and the worker ends too.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Timer
from types import FrameType
from typing import Final

log = logging.getLogger(__name__)

REFUSED: Final = 64  # a worker ending with 64 + n says: do not restart me, end with n
MOST: Final = 3  # the largest exit code for the user
QUICK: Final = 5.0  # a worker that lived shorter than this died quickly
FIRST_PAUSE: Final = 0.2  # seconds before the first restart; doubles with each quick death
LONGEST_PAUSE: Final = 5.0
GRACE: Final = 12.0  # seconds from asking the worker to stop to killing it

# The worker imports what the parent would, whatever the current folder contains (-P).
_BOOT: Final = (
    "import sys; root = sys.argv.pop(1); root in sys.path or sys.path.append(root); "
    "from services.cli import main; sys.exit(main())"
)


def vigie_command(arguments: Sequence[str]) -> Sequence[str]:
    """The command line that runs `vigie ARGUMENTS` with this interpreter and these sources."""
    root = str(Path(__file__).resolve().parent.parent)
    return (sys.executable, "-P", "-c", _BOOT, root, *arguments)


class Supervisor:
    """Keeps one worker running. `command` gets the file descriptor of its end of the pipe."""

    def __init__(self, command: Callable[[int], Sequence[str]]) -> None:
        self._command = command
        self._stopping = Event()
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run until asked to stop, or until the worker refuses to run. Returns the exit code for the user."""
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, self._stop)
        quick = 0
        while True:
            begun = time.monotonic()
            code = self._one_life()
            if self._stopping.is_set():
                return 0
            if REFUSED < code <= REFUSED + MOST:
                return code - REFUSED
            quick = quick + 1 if time.monotonic() - begun < QUICK else 0
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** max(0, quick - 1))
            log.warning("worker died", extra={"code": code, "restart_in": pause})
            if self._stopping.wait(pause):
                return 0

    def _one_life(self) -> int:
        theirs, ours = os.pipe()
        try:
            with self._begin(theirs, ours) as worker:
                self._worker = worker
                if self._stopping.is_set():  # asked to stop while it was being started
                    worker.terminate()
                return worker.wait()
        finally:
            self._worker = None
            os.close(theirs)
            os.close(ours)

    def _begin(self, theirs: int, _ours: int) -> subprocess.Popen[bytes]:
        """Start a worker that holds only its own end of the pipe."""
        return subprocess.Popen(self._command(theirs), pass_fds=(theirs,), stdin=subprocess.DEVNULL)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        """The first time: ask. The second time: kill."""
        asked_before = self._stopping.is_set()
        self._stopping.set()
        worker = self._worker
        if worker is None:
            return
        if asked_before:
            worker.kill()
            return
        worker.terminate()
        killer = Timer(GRACE, worker.kill)
        killer.daemon = True
        killer.start()
