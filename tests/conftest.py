"""The environment of every test: none of the operator's settings, no model hub."""

import os
import shutil
from pathlib import Path

import pytest

from tests.left_open import _nothing_is_left_open
from tests.real import _template, clock, database_url, kafka_url, postgres_url, store

__all__ = ["_nothing_is_left_open", "_template", "clock", "database_url", "kafka_url", "postgres_url", "store"]


@pytest.fixture(autouse=True)
def _no_settings_of_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("VIGIE_") and not name.startswith("VIGIE_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30  # bytes


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders in memory where there is enough: what a disk does on fsync is not what we test."""
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        config.option.basetemp = str(MEMORY / f"vigie-tests-{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if str(config.option.basetemp).startswith(str(MEMORY)):
        shutil.rmtree(config.option.basetemp, ignore_errors=True)
