"""Everything that we install comes ready-made for every Python that we promise: nobody needs a compiler."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.rules import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
BUILT: Final = ("dkimpy",)  # offers its source alone: plain Python, which needs no compiler
PURE: Final = ("dkimpy",)  # offered as source alone: the index has no wheel, and needs no compiler for it
MACHINES: Final = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program uv, which finds the files for another Python than the one that runs."""
    folder = tmp_path_factory.mktemp("uv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    installed = subprocess.run([folder / "bin/pip", "install", "--quiet", "uv>=0.9"], check=False)
    if installed.returncode:
        pytest.skip("uv cannot be installed: is there a package index?")
    return folder / "bin/uv"


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_has_a_wheel(resolver: Path, python: str, machine: str) -> None:
    index = {"UV_DEFAULT_INDEX": os.environ["PIP_INDEX_URL"]} if "PIP_INDEX_URL" in os.environ else {}
    asked = [
        resolver,
        "pip",
        "compile",
        "--quiet",
        "--only-binary",
        ":all:",
        *(word for package in BUILT for word in ("--no-binary", package)),
        "--no-header",
        "--cache-dir",
        resolver.parent / "kept",
    ]
    asked += ["--python-version", python, "--python-platform", machine, "-"]
    env = {**os.environ, **index}
    found = subprocess.run(asked, env=env, input=wanted(), check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert "transformers==" in found.stdout


@pytest.mark.parametrize("name", PURE)
def test_what_comes_as_source_is_python_alone(name: str, tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), name]
    subprocess.run(asked, check=True)
    (wheel,) = tmp_path.iterdir()
    assert wheel.name.endswith("-none-any.whl")


def wanted() -> str:
    """The requirements of the product with all extras, without what is known to come as source."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return "\n".join(line for line in lines if not line.startswith(PURE))
