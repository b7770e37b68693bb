"""Small products are not shared out among threads, unless somebody asks for it."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

CODE = """
import sys
from services.cli import main
assert "numpy" not in sys.modules, "numpy was imported before it could be told"
main(["--help"])
import os
print(os.environ["OPENBLAS_NUM_THREADS"], file=sys.stderr)
"""


@pytest.mark.parametrize(("asked", "threads"), [(None, "1"), ("3", "3")])
def test_arithmetic_takes_one_thread_where_nobody_asked_for_more(asked: str | None, threads: str) -> None:
    given = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    given |= {"OPENBLAS_NUM_THREADS": asked} if asked else {}
    done = subprocess.run([sys.executable, "-c", CODE], env=given, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == threads


def test_the_tests_themselves_calculate_so() -> None:
    """A quality test takes seven times the processor's time otherwise, on a machine whose cores are all busy."""
    assert np.ones(2).sum() == 2
    maps = Path("/proc/self/maps").read_text().splitlines()
    found = next((line.split()[-1] for line in maps if "libscipy_openblas64" in line), None)
    if found is None:
        pytest.skip("this numpy calculates with another library than its own OpenBLAS")
    assert ctypes.CDLL(found).scipy_openblas_get_num_threads64_() == int(os.environ["OPENBLAS_NUM_THREADS"])
