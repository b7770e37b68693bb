"""What tests of commands share: a command in an empty folder, and a site on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import main
from tests.servers import FeedServer
from tests.unit.cli.said import Vigie


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def catalogue() -> str:
    """The sources file."""
    return ""


@pytest.fixture
def vigie(
    tmp_path: Path, catalogue: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Vigie:
    """Run a command in a folder that holds the sources file alone; exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("VIGIE_SOURCES", "sources.toml")
    (tmp_path / "sources.toml").write_text(catalogue, "utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
