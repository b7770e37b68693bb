"""A product with one loop, run by the real parent and the real worker: `python -m … parent|worker FD FOLDER HOW`.

HOW is `well`, `hang` (the first worker's loop never returns), `refuse` or `crash`.
"""

import os
import sys
import time
from pathlib import Path

from shared.runtime import Loop, LoopService
from shared.supervise import REFUSED, Supervisor
from shared.worker import Worker, hold_names


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

    def step() -> bool:
        (folder / "turned").write_text(str(os.getpid()))
        if how == "hang" and life == 0:
            time.sleep(600)
        return False

    process.serve([LoopService("small", [Loop("small", step, 0.05, patience=0.5)])])
    (folder / "stopped").write_text("gracefully")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "parent":
        sys.exit(parent(Path(sys.argv[2]), sys.argv[3]))
    sys.exit(worker(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
