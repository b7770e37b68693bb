"""`vigie people` on somebody whose mails came back: seen, exported, resumed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import main
from services.notifier.outcomes import Refused
from services.notifier.refusals import About
from shared.config import Settings
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from tests.fakes import a_store
from tests.mailing import LESER, ScriptedSender, archive, assign_all, deliverer, match, subscribe


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A reader is suspended."""
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data")
    with opened.writing() as session:
        made_keys(session, Settings())
    subscribe(opened)
    match(opened, archive(opened, "one"))
    assign_all(opened)
    deliverer(opened, ScriptedSender(Refused(About.GONE, "550 5.1.1 <leser@example.org>: unknown"))).step()
    yield opened
    opened.close()


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert main(["people", *command]) == 0
    return capsys.readouterr().out


def test_list_show_and_export_say_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert "suspended" in said(capsys, "list")
    assert "550 5.1.1 <<address>>: unknown" in said(capsys, "show", LESER)
    assert json.loads(said(capsys, "show", LESER, "--json"))["suspension"]["code"] == "5.1.1"
    assert json.loads(said(capsys, "export", LESER))["bounces"][0]["code"] == "5.1.1"


def test_an_operator_resumes_once(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert "again from now on" in said(capsys, "resume", LESER)
    assert "suspended" not in said(capsys, "list")
    assert main(["people", "resume", LESER]) == 1
    assert main(["people", "resume", "niemand@example.org"]) == 1
