"""`vigie items`: taking out for good, and what it says of what remains."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import main
from shared.archive.search import search
from shared.archive.store import write
from shared.identity import item_id_for_url
from shared.items import Purpose
from shared.store import Store
from tests.archived import NOON, a_classified
from tests.fakes import FakeClock, a_store

URL = "https://example.org/news/17"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data", FakeClock(NOON))
    with opened.writing() as session:
        for event in (a_classified("one"), a_classified(item_id_for_url(URL), url=URL)):
            write(session, event, Purpose.LIVE, NOON)
    yield opened
    opened.close()


def there(store: Store) -> set[str]:
    with store.reading() as session:
        return {item.item_id for item in search(session).items}


def test_an_item_goes_by_id_or_address_and_what_remains_is_said(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["items", "remove", "one", f"{URL}?utm_source=x", "--reason", "publisher", "--yes"]) == 0
    said = capsys.readouterr().out
    assert there(store) == set()
    assert said.count("remains: its records in the embedded log, and its dead letters, for 30 days at most") == 2
    assert "backups" in said
    assert (tmp_path / "data.journal.removed").read_text("utf-8").count("publisher") == 2
    assert main(["explain", "one"]) == 1
    assert "removed: publisher" in capsys.readouterr().err
    assert main(["items", "removed", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {(each["item_id"], each["reason"]) for each in listed} == {
        ("one", "publisher"),
        (item_id_for_url(URL), "publisher"),
    }


@pytest.mark.parametrize("named", [f"{URL}?utm_source=x", item_id_for_url(URL)])
@pytest.mark.parametrize(
    "command", [["explain"], ["stories", "show"], ["compare", __file__], ["classifier", "correct", "--checked"]]
)
def test_who_asks_for_what_was_taken_out_is_told_so(
    store: Store, capsys: pytest.CaptureFixture[str], command: list[str], named: str
) -> None:
    assert main(["items", "remove", URL, "--reason", "publisher", "--yes"]) == 0
    capsys.readouterr()
    assert main([*command, named]) == 1
    assert f"{item_id_for_url(URL)} was removed: publisher" in capsys.readouterr().err
    assert len(there(store)) == 1


def test_an_address_that_never_came_is_kept_out(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    other = "https://example.org/news/18"
    assert main(["items", "remove", other, "--reason", "law", "--note", "Az. 1", "--yes", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["item_id"], told["was_there"], told["note"]) == (item_id_for_url(other), False, "Az. 1")
    assert len(there(store)) == 2
    assert main(["items", "removed"]) == 0
    assert f"{item_id_for_url(other)}  law        Az. 1" in capsys.readouterr().out


def test_nothing_goes_without_a_yes_and_a_reason(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "remove", "one", "--reason", "request"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert main(["items", "remove", "one", "--yes"]) == 2
    assert "--reason" in capsys.readouterr().err
    assert len(there(store)) == 2


def test_a_backup_that_is_put_back_does_not_bring_it_back(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    assert main(["backup", str(tmp_path / "backup.zip")]) == 0
    assert main(["items", "remove", "one", "--reason", "request", "--yes"]) == 0
    store.close()
    assert main(["restore", str(tmp_path / "backup.zip"), "--replace"]) == 0
    capsys.readouterr()
    assert main(["search", "--format", "ndjson", ""]) == 0
    assert [json.loads(line)["item_id"] for line in capsys.readouterr().out.splitlines()] == [item_id_for_url(URL)]
    assert main(["items", "removed"]) == 0
    assert "one  request" in capsys.readouterr().out


def test_what_rules_give_up_is_counted_first_and_goes_with_a_yes(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["items", "retain"]) == 0
    assert "everything is kept" in capsys.readouterr().out
    monkeypatch.setenv("VIGIE_KEEP_ITEMS", "item 30 source:dfki")  # the items came in March, by this clock of ours
    assert main(["items", "retain", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"items": {"dfki": 2}, "texts": {}, "done": False}
    assert main(["items", "retain"]) == 1
    said = capsys.readouterr()
    assert "2 items would go." in said.out
    assert "--yes" in said.err
    assert len(there(store)) == 2
    assert main(["items", "retain", "--yes"]) == 0
    assert "2 items are given up." in capsys.readouterr().out
    assert there(store) == set()
    assert main(["items", "retain"]) == 0
    assert main(["explain", "one"]) == 1
    assert "removed: time" in capsys.readouterr().err
