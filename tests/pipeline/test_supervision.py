"""Parent and worker: whatever is killed, the product comes back or is gone, in bounded time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.awake import LATE
from shared.worker import TICK
from tests.pipeline.harness import wait_until

ROOT = Path(__file__).resolve().parents[2]
START = 15.0  # seconds for a process to start on a busy machine


class Product:
    """The small product's parent, and what its workers wrote down."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.pipeline.small_product", "parent", str(folder), how]
        self.parent = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)

    def workers(self) -> list[int]:
        lives = self.folder / "lives"
        return [int(pid) for pid in lives.read_text().split()] if lives.exists() else []

    def turning(self) -> int:
        """The worker whose loop turns, when the youngest one's does."""
        turned, workers = self.folder / "turned", self.workers()
        text = turned.read_text() if turned.exists() else ""
        return workers[-1] if workers and text == str(workers[-1]) else 0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Product]]:
    started: list[Product] = []

    def start(how: str = "well") -> Product:
        started.append(Product(tmp_path, how))
        return started[-1]

    yield start
    for product in started:
        if product.parent.poll() is None:
            os.killpg(product.parent.pid, signal.SIGKILL)
            product.parent.wait()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_worker_is_followed_by_another(start: Callable[..., Product]) -> None:
    product = start()
    first = wait_until(product.turning, START, "the worker")
    os.kill(first, signal.SIGKILL)
    second = wait_until(lambda: (now := product.turning()) != first and now, START, "the next worker")
    assert product.workers() == [first, second]
    assert product.parent.poll() is None


def test_a_killed_parent_takes_its_worker_with_it(start: Callable[..., Product]) -> None:
    product = start()
    worker = wait_until(product.turning, START, "the worker")
    product.parent.kill()
    product.parent.wait()
    wait_until(lambda: not lives(worker), 3.0, "the orphan's end")


def test_a_new_run_waits_for_the_orphan_of_a_killed_one(start: Callable[..., Product]) -> None:
    old = start()
    worker = wait_until(old.turning, START, "the worker")
    old.parent.kill()
    old.parent.wait()
    new = start()
    assert wait_until(lambda: (now := new.turning()) != worker and now, START, "the new run's worker")


def test_a_stop_reaches_the_worker_and_ends_both(start: Callable[..., Product], tmp_path: Path) -> None:
    product = start()
    worker = wait_until(product.turning, START, "the worker")
    product.parent.terminate()
    assert product.parent.wait(timeout=15) == 0
    assert (tmp_path / "stopped").read_text() == "gracefully"
    assert not lives(worker)


def test_an_interrupt_from_the_keyboard_is_a_stop(start: Callable[..., Product], tmp_path: Path) -> None:
    product = start()
    wait_until(product.turning, START, "the worker")
    os.killpg(product.parent.pid, signal.SIGINT)  # a terminal tells the whole group
    assert product.parent.wait(timeout=15) == 0
    assert (tmp_path / "stopped").exists()


def test_a_worker_whose_loop_hangs_ends_itself_and_is_followed_by_another(start: Callable[..., Product]) -> None:
    product = start("hang")
    wait_until(
        lambda: len(product.workers()) == 2 and product.turning(), START, "the worker after the hanging one"
    )


def test_a_worker_whose_call_on_the_bus_hangs_ends_itself_long_before_its_step_would(
    start: Callable[..., Product],
) -> None:
    product = start("hang-in-bus")
    wait_until(
        lambda: len(product.workers()) == 2 and product.turning(), START, "the worker after the hanging one"
    )


def test_a_worker_that_was_stopped_in_the_middle_of_a_step_goes_on_with_it(
    start: Callable[..., Product], tmp_path: Path
) -> None:
    """As by a debugger, a container that is paused, a machine that is suspended: it slept, it did not hang."""
    product = start("long-step")
    worker = wait_until(product.turning, START, "the worker in its step")
    os.kill(worker, signal.SIGSTOP)
    time.sleep(LATE + 1.0)
    os.kill(worker, signal.SIGCONT)
    time.sleep(1.5 * TICK)  # it looks after its loops meanwhile
    (tmp_path / "turned").unlink()
    (tmp_path / "go").touch()
    wait_until(lambda: product.turning() == worker, START, "the next step of the same worker")
    assert product.workers() == [worker]


def test_a_worker_that_refuses_is_not_started_again(start: Callable[..., Product]) -> None:
    assert start("refuse").parent.wait(timeout=START) == 2


def test_a_worker_that_crashes_at_once_is_tried_again(start: Callable[..., Product]) -> None:
    product = start("crash")
    wait_until(lambda: len(product.workers()) == 4 and product.turning(), 2 * START, "a worker that lives")
