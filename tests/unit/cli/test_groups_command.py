"""`vigie groups`: what scripts and operators rely on."""

import json
from pathlib import Path

import pytest

from services.cli import main

NAME = "Energy desk"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_LOG_LEVEL", "error")


def groups(*words: str) -> int:
    return main(["groups", *words])


def test_a_group_is_made_filled_from_a_file_shown_and_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert groups("add", NAME, "--query", "theme:energy", "--every", "daily") == 0
    assert groups("add", NAME, "--query", "theme:energy", "--every", "daily") == 1
    (tmp_path / "list.txt").write_text("a@example.org\n\nnobody\nA@example.org\n", "utf-8")
    capsys.readouterr()
    said = ("--from", "list.txt", "--proof", "minutes of 3 May", "--json")
    assert groups("address", "add", NAME, "b@example.org", *said) == 1
    became = json.loads(capsys.readouterr().out)
    assert [became[who] for who in ("b@example.org", "a@example.org", "A@example.org")] == [
        "put in",
        "put in",
        "in it already",
    ]
    assert became["nobody"].startswith("refused: ")
    assert groups("address", "remove", NAME, "b@example.org") == 0
    assert groups("address", "remove", NAME, "b@example.org") == 1
    capsys.readouterr()
    assert groups("show", NAME, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["active"], len(shown["members"])) == (1, 2)
    assert groups("list") == 0
    assert f"{NAME}  1 addresses  daily" in capsys.readouterr().out
    assert groups("remove", NAME) == 0
    assert groups("show", NAME) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("add", NAME),
        ("add", "--query", "theme:energy", "--every", "daily"),
        ("add", NAME, "--query", "theem:x", "--every", "daily"),
        ("address", "add", NAME, "a@example.org"),
        ("address", "add", NAME, "--proof", "x"),
        ("address", "move", NAME, "a@example.org"),
        ("show",),
    ],
)
def test_wrong_usage_is_said_and_does_nothing(words: tuple[str, ...]) -> None:
    assert groups(*words) == 2
