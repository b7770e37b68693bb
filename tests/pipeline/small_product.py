"""A product with one loop, run by the real parent and the real worker: `python -m … parent|worker FD FOLDER HOW`.

HOW is `well`, `hang` (the first worker's loop never returns), `hang-in-bus` (a call on the bus never does),
`long-step` (the first worker's step lasts until the file `go` is there), `refuse` or `crash`.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from shared.awake import LATE
from shared.bus.sqlite import SqliteBus
from shared.bus.watched import Watch, WatchedBus
from shared.name_locks import hold_names
from shared.runtime import PATIENCE, Loop, LoopService
from shared.supervise import REFUSED, Supervisor
from shared.worker import Worker


class SilentBus(SqliteBus):
    """The embedded bus, whose answers never come, as of a client that missed one."""

    def check(self, topics: Sequence[str]) -> None:
        Event().wait()


def parent(folder: Path, how: str) -> int:
    own = (sys.executable, "-m", "tests.pipeline.small_product")
    return Supervisor(lambda pipe: (*own, "worker", str(pipe), str(folder), how)).run()


def worker(pipe: int, folder: Path, how: str) -> int:
    if how == "refuse":
        return REFUSED + 2
    lives = folder / "lives"
    life = len(lives.read_text().split()) if lives.exists() else 0
    process = Worker(pipe)
    hold_names(folder / "locks", ["small"])
    with lives.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if how == "crash" and life < 3:
        return 1

    kind = SilentBus if how == "hang-in-bus" and life == 0 else SqliteBus
    bus = WatchedBus(kind(folder / "bus.db"), Watch(0.5))

    def step() -> bool:
        (folder / "turned").write_text(str(os.getpid()))
        if how == "hang" and life == 0:
            time.sleep(600)
        while how == "long-step" and life == 0 and not (folder / "go").exists():
            time.sleep(0.05)
        bus.check(["items"])
        return False

    patience = {"hang": 0.5, "long-step": LATE}.get(how, PATIENCE)
    process.serve([LoopService("small", [Loop("small", step, 0.05, patience=patience)])], bus.overdue)
    (folder / "stopped").write_text("gracefully")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "parent":
        sys.exit(parent(Path(sys.argv[2]), sys.argv[3]))
    sys.exit(worker(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
