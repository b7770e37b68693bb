"""`vigie backup` and `vigie restore` on one machine: what they refuse and say, what is done again at once."""

import json
import os
from pathlib import Path

import pytest

from services.cli import main
from services.cli.doctor import CHECKS
from shared.config import Settings
from shared.errors import ConfigError
from shared.name_locks import hold_names

LESER, WEG = "leser@example.org", "weg@example.org"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    for address in (LESER, WEG):
        assert vigie("people", "add", address, "--query", "theme:ai", "--every", "daily", "--confirmed") == 0
    assert vigie("migrate") == 0
    return tmp_path / "data"


@pytest.fixture
def file(data: Path, tmp_path: Path) -> Path:
    assert vigie("backup", str(tmp_path / "backup.zip")) == 0
    return tmp_path / "backup.zip"


def vigie(*arguments: str) -> int:
    return main(list(arguments))


def test_a_backup_says_what_it_holds(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert vigie("backup", str(tmp_path / "one.zip"), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["store"], said["bus"], said["mails"]) == ("sqlite", "embedded", 0)
    assert said["bytes"] == (tmp_path / "one.zip").stat().st_size


def test_a_backup_does_not_go_into_the_folder_that_it_is_of(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie("backup", str(data / "backup.zip")) == 2
    assert "another disk" in capsys.readouterr().err
    assert vigie("backup", str(data / "no" / "such" / "backup.zip")) == 2


def test_what_is_there_is_refused_and_replaced_only_when_asked(
    data: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie("restore", str(file)) == 1
    assert "--replace" in capsys.readouterr().err
    assert vigie("restore", str(file), "--replace", "--json") == 0
    kept = Path(json.loads(capsys.readouterr().out)["kept_in"])
    assert sorted(path.name for path in kept.iterdir() if path.suffix == ".db") == ["bus.db", "vigie.db"]
    assert data.stat().st_mode & 0o777 == 0o700


def test_nothing_is_put_back_under_a_process_that_runs(
    data: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locks = hold_names(data / "locks", ["here.portal"])
    assert vigie("restore", str(file), "--replace") == 1
    assert "here.portal runs on" in capsys.readouterr().err
    for lock in locks:
        os.close(lock)
    assert vigie("restore", str(file), "--replace") == 0


def test_a_file_that_is_no_backup_is_named(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")
    for name in ("letter.txt", "nowhere.zip"):
        assert vigie("restore", str(tmp_path / name), "--replace") == 1
        assert name in capsys.readouterr().err


def test_who_was_erased_after_the_backup_is_erased_again_before_anything_starts(
    data: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie("people", "erase", WEG) == 0
    assert vigie("restore", str(file), "--replace") == 0
    assert vigie("people", "show", LESER) == 0
    assert vigie("people", "show", WEG) == 1
    capsys.readouterr()
    assert WEG.encode() not in b"".join(path.read_bytes() for path in data.glob("*") if path.is_file())
    assert vigie("status", "--json") == 1
    said = {finding["id"]: finding["reason"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert "was put back" in said["store.restored"]


def test_another_machine_takes_a_backup_over_and_begins_a_journal(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "other" / "data"))
    assert vigie("restore", str(file)) == 0
    assert (tmp_path / "other" / "data.journal").exists()
    assert vigie("people", "show", LESER) == 0


def test_the_doctor_names_a_journal_that_a_copy_would_take_along_or_that_cannot_be_written(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with pytest.raises(ConfigError, match="data folder"):
        CHECKS["journal"](Settings(data_dir=data, journal=data / "journal"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="VIGIE_JOURNAL"):
        CHECKS["journal"](Settings(data_dir=data, journal=tmp_path / "file" / "journal"))
    assert str(tmp_path / "data.journal") in CHECKS["journal"](Settings(data_dir=data))
