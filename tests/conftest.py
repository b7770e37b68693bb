"""The environment of every test: none of the operator's settings, no model hub, servers that the run shares."""

import gc
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.compiled import compile_once
from tests.dice import dice, pytest_terminal_summary
from tests.lanes import pytest_xdist_auto_num_workers, pytest_xdist_make_scheduler
from tests.left_open import _nothing_is_left_open
from tests.once import RUN, Starter, begin, run_folder
from tests.real import SHARED, _databases, clock, database_url, kafka_url, postgres_url, store
from tests.rewritten import import_share

__all__ = [
    "_databases",
    "_nothing_is_left_open",
    "clock",
    "database_url",
    "dice",
    "kafka_url",
    "postgres_url",
    "pytest_terminal_summary",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
    "run_folder",
    "store",
]

# Hundreds of processes start from here: none shall compile the whole program anew, whatever the environment says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long one example takes says how busy the machine is; what must be quick has bounds in its own test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

STARTER = pytest.StashKey[Starter]()


# None of the operator's settings: once for the process, not for each of thousands of tests.
for _name in [name for name in os.environ if name.startswith("VIGIE_") and not name.startswith("VIGIE_TEST_")]:
    del os.environ[_name]
os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_collection(session: pytest.Session) -> None:
    """What is imported stays: looking through all of it for what may go is a tenth of the work of importing it."""
    gc.disable()
    if hasattr(session.config, "workerinput"):
        import_share(session.config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """…and so it is later, whenever a test leaves something behind, and seldom is there much to gain."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """The first process of the run makes its folder and keeps its servers; the others are told where that is."""
    compile_once()
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # a shell does so in the background, and all children inherit
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        config.stash[RUN] = Path(config.workerinput["run"])
        return
    folder = config.stash[RUN] = begin(config)
    config.stash[STARTER] = Starter(folder, SHARED)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run"] = str(node.config.stash[RUN])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, files with slow tests begin: the quick ones fill the gaps at the end."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_unconfigure(config: pytest.Config) -> None:
    if STARTER in config.stash:
        config.stash[STARTER].end()
        shutil.rmtree(config.stash[RUN], ignore_errors=True)
