"""A plain install carries what it needs and nothing heavier, and every command explains itself."""

import re
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

import pytest

from services.cli import COMMANDS, main

OPTIONAL: Final = ("torch", "transformers", "onnxruntime", "kafka", "psycopg")
SERVICES: Final = ("collector", "classifier", "archivist", "notifier", "portal")


def _import_without(modules: tuple[str, ...], wanted: str) -> subprocess.CompletedProcess[str]:
    blocked = "".join(f"sys.modules[{name!r}] = None; " for name in modules)
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {blocked}import {wanted}"],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_any_extra(service: str) -> None:
    done = _import_without(OPTIONAL, f"services.{service}.app")
    assert done.returncode == 0, done.stderr


def test_blocking_a_package_really_blocks_it() -> None:
    assert _import_without(("feedparser",), "services.collector.parse").returncode != 0


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_the_other_services(service: str) -> None:
    blocked = tuple(f"services.{name}" for name in SERVICES if name != service)
    done = _import_without(blocked, f"services.{service}.app")
    assert done.returncode == 0, done.stderr


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
