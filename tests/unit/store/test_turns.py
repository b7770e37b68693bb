"""Writers of an embedded database take turns."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from shared.store.turns import Turns
from tests.pipeline.harness import wait_until

HOLD = """
import sys, time
from pathlib import Path
from shared.store.turns import Turns
with Turns(Path(sys.argv[1])).taken():
    print("taken", flush=True)
    time.sleep(60)
"""


def test_a_busy_writer_lets_the_next_one_in_after_its_turn(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "turns")
    order: list[str] = []
    waiting, stop = threading.Event(), threading.Event()

    def busy() -> None:
        while not stop.is_set():
            with turns.taken():
                order.append("busy")
                waiting.wait(60)

    writer = threading.Thread(target=busy)
    writer.start()
    while not order:
        time.sleep(0.001)
    others = [threading.Thread(target=_once, args=(turns, order, name)) for name in ("first", "second")]
    for place, other in enumerate(others, 1):
        other.start()
        wait_until(lambda place=place: len(turns._waiting) == place, 30, "a place in the queue")
    waiting.set()
    for other in others:
        other.join()
    stop.set()
    writer.join()
    turns.close()
    assert order[:3] == ["busy", "first", "second"]


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    path = tmp_path / "turns"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        holder.kill()
    turns = Turns(path)
    with turns.taken():
        pass
    turns.close()


def _once(turns: Turns, order: list[str], name: str) -> None:
    with turns.taken():
        order.append(name)


def test_closing_twice_closes_nobody_elses_file(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "turns")
    turns.close()
    with (tmp_path / "other").open("w") as other:  # it gets the number that was free
        turns.close()
        other.write("still open")
    assert (tmp_path / "other").read_text() == "still open"
