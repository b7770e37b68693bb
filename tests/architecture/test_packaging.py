"""A plain install carries what it needs and nothing heavier, and every command explains itself."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from importlib.util import find_spec
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from services.cli import COMMANDS, main
from tests.architecture.rules import ROOT

OPTIONAL: Final = ("torch", "transformers", "onnxruntime", "kafka", "psycopg")
LATER: Final = {"portal": ("numpy",)}  # what a service loads only when somebody asks for it: people wait for it
SERVICES: Final = ("collector", "classifier", "archivist", "notifier", "portal")


def _plain_install() -> frozenset[str]:
    """The distributions of an install without extras: what pyproject.toml declares, and what that needs."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    found: set[str] = {"vigie"}
    waiting = [Requirement(line).name for line in declared]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        needed = [Requirement(line) for line in _requires(name)]
        waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return frozenset(found)


def _requires(name: str) -> Sequence[str]:
    try:
        return requires(name) or ()
    except PackageNotFoundError:  # a marker of another platform
        return ()


def _beyond_a_plain_install() -> tuple[str, ...]:
    """The packages of this environment that a plain install would not have, and the extras in any case."""
    plain = _plain_install()
    return OPTIONAL + tuple(
        package
        for package, distributions in packages_distributions().items()
        if package.isidentifier() and not plain & {canonicalize_name(name) for name in distributions}
    )


def _import_without(modules: Sequence[str], wanted: str) -> subprocess.CompletedProcess[str]:
    blocked = "".join(f"sys.modules[{name!r}] = None; " for name in modules)
    code = f"import sys; {blocked}import {wanted}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_what_a_plain_install_brings_and_without_the_other_services(service: str) -> None:
    others = tuple(f"services.{name}" for name in SERVICES if name != service)
    without = _beyond_a_plain_install() + LATER.get(service, ()) + others
    done = _import_without(without, f"services.{service}.app")
    assert done.returncode == 0, done.stderr


def test_blocking_a_package_really_blocks_it() -> None:
    assert _import_without(("feedparser",), "services.collector.parse").returncode != 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_in_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_spec(f"services.cli.{COMMANDS[command][0]}") is not None
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert re.search(rf"examples?: vigie {command}\b", capsys.readouterr().out)


def test_an_unknown_command_is_a_usage_error_that_names_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pol"]) == 2
    assert "vigie --help" in capsys.readouterr().err
