"""In a fresh checkout each process of the run compiles a share of the test files, not all of them.

What one has compiled the others find as bytecode: each begins with a share of its own before it collects in the
order of all. Compiling and rewriting assertions is as much work as all other collecting.
"""

import importlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest


def import_share(config: pytest.Config) -> None:
    """Import this process's share of the test files in the folders that are asked for."""
    worker, workers = int(config.workerinput["workerid"].removeprefix("gw")), config.workerinput["workercount"]
    for file in share(_files(config), worker, workers):
        with suppress(Exception, pytest.skip.Exception):  # collecting it says what is wrong with it
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))


def share(files: Sequence[Path], worker: int, workers: int) -> Sequence[Path]:
    """Every so many-th file. Together the shares are all files."""
    return files[worker % workers :: workers]


def _files(config: pytest.Config) -> Sequence[Path]:
    folders = [folder for name in config.args if (folder := config.invocation_params.dir / name).is_dir()]
    return sorted({file for folder in folders for file in folder.rglob("test_*.py")})
