"""An erasure at the command line is in the journal when the command ends, whether or not a notifier runs."""

import shutil
from pathlib import Path

import pytest

from services.cli import main
from services.notifier.app import open_keeper
from shared.config import Settings
from shared.wiring import ready_store

LESER = "leser@example.org"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    return Settings(data_dir=tmp_path / "data")


def people(*arguments: str) -> int:
    return main(["people", *arguments])


def test_who_is_erased_while_nothing_runs_is_not_brought_back_by_a_backup(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people("add", LESER, "--query", "theme:ai", "--every", "daily", "--confirmed")
    shutil.copytree(settings.data_dir, tmp_path / "backup")
    assert people("erase", LESER) == 0
    shutil.rmtree(settings.data_dir)
    shutil.copytree(tmp_path / "backup", settings.data_dir)
    store = ready_store(settings)
    keeper = open_keeper(settings, store)
    keeper.look()
    keeper.close()
    store.close()
    assert people("show", LESER) == 1
    assert "nobody has this address" in capsys.readouterr().err


def test_a_running_notifier_keeps_the_journal_and_the_command_ends_well(settings: Settings) -> None:
    people("add", LESER, "--query", "theme:ai", "--every", "daily", "--confirmed")
    store = ready_store(settings)
    keeper = open_keeper(settings, store)
    keeper.look()
    assert people("erase", LESER) == 0
    keeper.look()
    keeper.close()
    store.close()
    assert b'"erased"' in settings.journal_path.read_bytes()
