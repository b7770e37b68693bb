"""Which process of the run takes which file: some take those that wait, for each core one those that work.

Tests that start brokers, relays and whole products wait most of their time. Were all processes with them at once,
the cores would stand still; so they run beside the others from the beginning, the longest first, and whoever has
finished with his kind helps with the other.
"""

import os
from collections.abc import Iterable
from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

CORES: Final = os.cpu_count() or 1
BESIDE: Final = 3  # processes for what waits; each has brokers or browsers beside itself
MOST: Final = 6

# What waits longest, from the longest on; then the other files in which more is waited than done.
WAITING: Final = (
    "tests/pipeline/test_misconfiguration.py",
    "tests/pipeline/test_faults.py",
    "tests/pipeline/test_hanging_broker.py",
    "tests/pipeline/test_lost_files.py",
    "tests/pipeline/test_restore.py",
    "tests/contract/test_switch_over.py",
    "tests/pipeline/",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(CORES + BESIDE, MOST)


def rank(file: str) -> int:
    """Its place among those that wait; behind all of them when it works."""
    return next((place for place, name in enumerate(WAITING) if file.startswith(name)), len(WAITING))


def chosen(waiting: Iterable[str], *, works: bool) -> str:
    """The file that a process takes next, of those that nobody has: of its own kind, while there are any."""
    return min(waiting, key=lambda file: ((rank(file) < len(WAITING)) == works, rank(file)))


class Lanes(LoadFileScheduling):
    """Files are handed out whole, as with `--dist loadfile`."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        works = int(node.gateway.id.removeprefix("gw")) >= BESIDE
        self.workqueue.move_to_end(chosen(self.workqueue, works=works), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)
