"""In a fresh checkout two processes compile the test files, not one: from both ends, until they meet.

Compiling and rewriting assertions is as much work as all other collecting. What one has compiled the other
finds as bytecode.
"""

import importlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest


def compile_from_the_end(config: pytest.Config) -> int | None:
    """Let another process import the test files of the folders that are asked for, the last one first.

    Returns its id, for somebody to wait for it; None where nothing is to be compiled.
    """
    files = _files(config)
    if not files or is_compiled(files[-1]):
        return None
    if pid := os.fork():
        return pid
    for file in reversed(files):
        if is_compiled(file):
            break
        with suppress(BaseException):  # collecting it says what is wrong with it
            importlib.import_module(".".join(file.relative_to(config.rootpath).with_suffix("").parts))
    os._exit(0)


def is_compiled(file: Path) -> bool:
    """Whether pytest's bytecode of it lies there, be it out of date."""
    return any((file.parent / "__pycache__").glob(f"{file.stem}.*pytest*.pyc"))


def _files(config: pytest.Config) -> Sequence[Path]:
    folders = [folder for name in config.args if (folder := config.invocation_params.dir / name).is_dir()]
    return sorted({file for folder in folders for file in folder.rglob("test_*.py")})
