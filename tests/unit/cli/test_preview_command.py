"""`vigie deliveries preview` and `--dry-run`: mails are printed, and neither sent nor kept."""

import json
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from services.cli import main
from shared.store import Store
from shared.subscriptions import deliveries
from shared.subscriptions.words import State
from tests.fakes import a_store
from tests.mailing import archive, assign_all, ledger, match, subscribe

ADD = ("people", "add", "neu@example.org", "--query", "theme:energy", "--every", "daily", "--language", "de")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A reader waits for a mail."""
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data")
    subscribe(opened)
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def test_what_is_due_is_printed_with_its_headers_and_waits_on(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deliveries", "preview"]) == 0
    said = capsys.readouterr().out
    assert "To: leser@example.org\n" in said
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in said
    assert "Meldung one\n" in said
    assert [one.state for one in ledger(store)] == [State.PENDING]


def test_raw_is_the_mail_itself(store: Store, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (waiting,) = ledger(store)
    assert main(["deliveries", "preview", waiting.id, "--raw"]) == 0
    mail = message_from_bytes(capfdbinary.readouterr().out, policy=default)
    assert mail["Message-ID"] == f"<{waiting.id}@localhost>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]


def test_raw_of_several_mails_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliveries", "preview", "--query", "", "--raw"]) == 2
    assert "--json" in capsys.readouterr().err


def test_adding_dry_shows_the_confirmation_and_adds_nobody(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ADD, "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown[0]["kind"] == "confirm"
    assert shown[0]["recipient"] == "neu@example.org"
    assert "/de/confirm/" in shown[0]["text"]
    assert main(["people", "show", "neu@example.org"]) == 1


def test_releasing_dry_shows_what_would_go_and_leaves_it_held(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (waiting,) = ledger(store)
    with store.writing() as session:
        deliveries.hold(session, waiting.id)
    assert main(["deliveries", "release", "--all", "--dry-run"]) == 0
    assert "Meldung one\n" in capsys.readouterr().out
    assert main(["deliveries", "preview"]) == 1
    assert [one.state for one in ledger(store)] == [State.HELD]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("deliveries", "preview", "--every", "daily"), "--query"),
        (("deliveries", "preview", "0a", "--next"), "name deliveries"),
        (("deliveries", "list", "--raw"), "preview"),
        (("deliveries", "hold", "--all", "--dry-run"), "release"),
        (("deliveries", "preview", "--query", "("), "character"),
        (("people", "show", "leser@example.org", "--dry-run"), "add"),
    ],
)
def test_what_does_not_fit_is_said(
    store: Store, capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...], said: str
) -> None:
    assert main([*wrong]) == 2
    assert said in capsys.readouterr().err
