"""On a fresh Debian 13, with its Python 3.13, make, git and curl: what the README promises there holds."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.architecture.rules import ROOT
from tests.installation.debian import Debian, copy_of_the_repository, debian

pytestmark = [pytest.mark.long, pytest.mark.timeout(5400)]

PACKAGES = ("python3", "python3-venv", "make", "git", "curl", "ca-certificates")


@pytest.fixture(scope="module")
def trixie() -> Iterator[Debian]:
    """Not where the other temporary folders lie: they are in memory, and a root needs devices and a gigabyte."""
    with TemporaryDirectory(prefix="vigie-debian-", dir="/var/tmp") as folder:
        made = debian(Path(folder), "trixie", PACKAGES)
        copy_of_the_repository(ROOT, made.root / "vigie")
        yield made


def test_the_product_installs_and_shows_itself(trixie: Debian) -> None:
    assert trixie.run("python3 --version").startswith("Python 3.13")
    trixie.run("cd /vigie && make .venv/.installed && .venv/bin/vigie demo --once")


def test_the_fast_suite_passes(trixie: Debian) -> None:
    assert " passed" in trixie.run("cd /vigie && make test-fast").splitlines()[-1]
