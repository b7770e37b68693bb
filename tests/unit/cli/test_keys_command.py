"""`vigie keys` and `vigie people consent`: keys by name, the record of an address that was erased long ago."""

import json
from pathlib import Path

import pytest

from services.cli import main

ADDRESS = "leser@example.org"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_LOG_LEVEL", "error")


def said(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> str:
    assert main([*command]) == code
    return capsys.readouterr().out


def uses(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, bool]]:
    found = json.loads(said(capsys, "keys", "list", "--json"))
    return [(one["use"], one["name"], one["newest"]) for one in found]


def test_keys_are_listed_rotated_and_forgotten_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    (_, first, _), *_ = before = uses(capsys)
    assert [use for use, _, newest in before if newest] == ["links", "addresses"]
    assert "from the next mail on" in said(capsys, "keys", "rotate")
    (_, newest, _), (_, older, _), *_ = uses(capsys)
    assert (newest != first, older) == (True, first)
    assert "1 keys" in said(capsys, "keys", "forget")
    assert [name for use, name, _ in uses(capsys) if use == "links"] == [newest]
    assert first in said(capsys, "keys", "list")  # among those that recognise addresses


def test_what_was_agreed_is_shown_after_an_erasure_and_a_change_of_keys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "people", "add", ADDRESS, "--query", "theme:ai", "--every", "daily", "--confirmed")
    said(capsys, "people", "erase", ADDRESS)
    monkeypatch.setenv("VIGIE_HASH_KEY", "a newer key")
    lines = json.loads(said(capsys, "people", "consent", "Leser@Example.org"))
    assert [line["event"] for line in lines] == ["requested", "confirmed", "erased", "ended"]
    said(capsys, "people", "consent", "other@example.org", code=1)
