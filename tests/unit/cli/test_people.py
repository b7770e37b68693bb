"""`vigie people` and `vigie deliveries`: what scripts and operators rely on."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.cli import main
from shared.store import Store
from shared.subscriptions.words import State
from tests.mailing import archive, assign_all, deliver_all, ledger, match

ADDRESS = "leser@example.org"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_LOG_LEVEL", "error")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'data' / 'vigie.db'}")) as opened:
        yield opened


def add(*more: str, address: str = ADDRESS, query: str = "theme:energy", every: str = "instant") -> int:
    return main(["people", "add", address, "--query", query, "--every", every, *more])


def test_a_confirmed_subscriber_is_added_first_of_all_and_gets_no_mail(store: Store) -> None:
    assert add("--confirmed") == 0
    assert ledger(store) == ()
    match(store, archive(store, "one"))
    assert len(deliver_all(store)) == 1


def test_without_confirmed_a_mail_asks_first(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert add("--language", "fr") == 0
    assert "confirmation mail" in capsys.readouterr().out
    match(store, archive(store, "one"))
    (mail,) = deliver_all(store)
    assert "confirmez" in mail.text


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("leser", "theme:ai", "no @"),
        ("leser@example.org\r\nBcc: x@example.org", "theme:ai", "line break"),
        (ADDRESS, "theme:nothing", "character 7"),
    ],
)
def test_bad_input_is_a_usage_error_that_says_what_and_where(
    address: str, query: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(address=address, query=query) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", [["add"], ["add", ADDRESS], ["show"], ["erase"], ["export"]])
def test_what_a_command_needs_it_asks_for(command: list[str]) -> None:
    assert main(["people", *command]) == 2


def test_people_are_listed_shown_exported_and_erased(capsys: pytest.CaptureFixture[str]) -> None:
    add("--confirmed")
    capsys.readouterr()
    assert main(["people", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["address"], listed["subscriptions"][0]["query"]) == (ADDRESS, "theme:energy")
    assert main(["people", "show", "Leser@Example.org"]) == 0
    assert "active  instant" in capsys.readouterr().out
    assert main(["people", "export", ADDRESS]) == 0
    copy = json.loads(capsys.readouterr().out)
    assert [line["event"] for line in copy["consent"]] == ["requested", "confirmed"]
    assert copy["person"]["created_at"].endswith("Z")
    assert main(["people", "erase", ADDRESS]) == 0
    assert main(["people", "show", ADDRESS]) == 1


def test_erasing_removes_the_address_from_database_and_mail_folder(store: Store, tmp_path: Path) -> None:
    add("--confirmed")
    match(store, archive(store, "one"))
    assign_all(store)
    (waiting,) = ledger(store)
    folder = tmp_path / "data" / "mail"
    folder.mkdir()
    (folder / f"{waiting.id}.eml").write_text(f"To: {ADDRESS}")
    store.close()
    assert main(["people", "erase", ADDRESS]) == 0
    left = [path for path in tmp_path.rglob("*") if path.is_file() and ADDRESS.encode() in path.read_bytes()]
    assert left == []


def test_deliveries_are_listed_held_released_and_discarded(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    add("--confirmed")
    match(store, archive(store, "one"), archive(store, "two"))
    assign_all(store)
    assert main(["deliveries", "hold", "--all"]) == 0
    assert {one.state for one in ledger(store)} == {State.HELD}
    capsys.readouterr()
    assert main(["deliveries", "list", "--state", "held", "--json"]) == 0
    held = json.loads(capsys.readouterr().out)
    assert [one["items"] for one in held] == [1, 1]
    assert ADDRESS not in json.dumps(held)
    assert main(["deliveries", "release", held[0]["id"]]) == 0
    assert main(["deliveries", "discard", held[1]["id"]]) == 0
    assert {one.state for one in ledger(store)} == {State.PENDING, State.FAILED}


def test_one_wrong_name_moves_nothing(store: Store) -> None:
    add("--confirmed")
    match(store, archive(store, "one"))
    assign_all(store)
    (waiting,) = ledger(store)
    assert main(["deliveries", "hold", waiting.id, "no-such-delivery"]) == 1
    assert ledger(store)[0].state is State.PENDING


def test_naming_nothing_is_a_usage_error(store: Store) -> None:
    add("--confirmed")
    assert main(["deliveries", "release"]) == 2


def test_updates_are_off_unless_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for more in ((), ("--updates",)):
        assert (
            add("--confirmed", "--proof", "a form", *more, address=f"reader{len(more)}@example.org", every="daily")
            == 0
        )
        capsys.readouterr()
        assert main(["people", "show", f"reader{len(more)}@example.org", "--json"]) == 0
        (one,) = json.loads(capsys.readouterr().out)["subscriptions"]
        assert one["options"]["updates"] is bool(more)
