"""`vigie bounces read`: what it prints, and with what it ends, also where a mail server pipes anything into it."""

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from services.cli import main
from shared.backup.places import MARK, STAGING
from shared.config import Settings
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.keys import Keys
from tests.bounced import NO_BOUNCES, SHAPES, complaint, returned, signed
from tests.fakes import a_store
from tests.mailing import LESER, archive, deliver_all, ledger, match, subscribe

UNKNOWN: Final = SHAPES["postfix, unknown"][0]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A reader got a mail."""
    monkeypatch.chdir(tmp_path)
    opened = a_store(tmp_path / "data")
    subscribe(opened)
    match(opened, archive(opened, "one"))
    deliver_all(opened)
    yield opened
    opened.close()


@pytest.fixture
def keys(store: Store) -> Keys:
    with store.writing() as session:
        return made_keys(session, Settings())


def read(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    assert main(["bounces", "read", "--json", *arguments]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def piped(monkeypatch: pytest.MonkeyPatch, mail: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))


def suspended(capsys: pytest.CaptureFixture[str]) -> bool:
    assert main(["people", "list"]) == 0
    return "suspended" in capsys.readouterr().out


def test_a_bounce_is_one_line_and_suspends(
    store: Store, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = ledger(store)[0].id
    (tmp_path / "a.eml").write_bytes(returned(UNKNOWN, delivery, keys=keys))
    expected = {"file": "a.eml", "verdict": "permanent", "code": "5.1.1", "delivery": delivery}
    assert read(capsys, "--dry-run", "a.eml") == [expected]
    assert not suspended(capsys)
    assert read(capsys, "a.eml") == [expected]
    assert suspended(capsys)
    assert main(["people", "show", LESER]) == 0
    assert "mails came back (550 5.1.1" in capsys.readouterr().out
    assert main(["deliveries", "list", "--json"]) == 0
    assert "came back: 550 5.1.1" in capsys.readouterr().out


def test_a_complaint_is_shown_to_operators_and_lifted_by_them_alone(
    store: Store, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = ledger(store)[0].id
    (tmp_path / "c.eml").write_bytes(complaint(b"News.\r\n", signed(delivery, keys)))
    assert read(capsys, "c.eml") == [{"file": "c.eml", "verdict": "complaint", "code": None, "delivery": delivery}]
    assert main(["people", "list"]) == 0
    assert "0 active of 1  complained " in capsys.readouterr().out
    assert main(["people", "show", LESER]) == 0
    assert "complained" in capsys.readouterr().out
    add = ["people", "add", LESER, "--query", "theme:ai", "--every", "daily", "--confirmed"]
    assert main(add) == 1
    assert "unwanted" in capsys.readouterr().err
    assert main(["people", "resume", LESER]) == 0
    assert main(add) == 0


def test_an_address_that_nobody_has_can_be_resumed(
    store: Store, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.eml").write_bytes(returned(UNKNOWN, ledger(store)[0].id, keys=keys))
    read(capsys, "a.eml")
    assert main(["people", "erase", LESER]) == 0
    assert main(["people", "show", f" {LESER.upper()}"]) == 1
    assert "nothing goes there: mails came back (550 5.1.1" in capsys.readouterr().err
    assert main(["people", "resume", LESER.upper()]) == 0
    assert main(["people", "resume", LESER]) == 1


def test_a_forged_one_is_read_does_nothing_and_is_told(
    store: Store, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = Keys((b"another",), (b"another",))
    (tmp_path / "f.eml").write_bytes(returned(UNKNOWN, ledger(store)[0].id, keys=others, carried=False))
    assert main(["bounces", "read", "f.eml", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"file": "f.eml", "verdict": "permanent", "code": "5.1.1", "delivery": None}
    assert "names no mail of ours" in said.err
    assert not suspended(capsys)


def test_what_is_no_bounce_is_nothing_and_standard_input_is_read_without_a_name(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"file": "-", "verdict": "nothing", "code": None, "delivery": None}
    for arguments in ((), ("-",)):
        piped(monkeypatch, NO_BOUNCES["a vacation answer"].format(to="vigie@example.org").encode())
        assert read(capsys, *arguments) == [nothing]
    piped(monkeypatch, b"")
    assert read(capsys) == [nothing]


def test_a_mailbox_file_gives_a_line_for_each_mail(
    store: Store, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = b"From MAILER-DAEMON  Mon Mar  2 09:00:00 2026\n"
    mails = [returned(SHAPES[name][0], "0" * 32, keys=keys) for name in ("exim, expired", "opensmtpd, unknown")]
    (tmp_path / "box").write_bytes(b"".join(line + mail + b"\n" for mail in mails))
    assert [each["verdict"] for each in read(capsys, "box")] == ["transient", "permanent"]


def test_a_file_that_is_not_there_is_told_and_the_others_are_read(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.eml").write_bytes(b"x")
    assert [each["file"] for each in read(capsys, "gone.eml", "a.eml", code=1)] == ["a.eml"]


def test_without_a_database_a_dry_run_reads_all_the_same_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.eml").write_bytes(returned(UNKNOWN, "0" * 32))
    assert read(capsys, "--dry-run", "a.eml")[0]["verdict"] == "permanent"
    assert not (tmp_path / "data").exists()
    assert main(["bounces", "read", "--dry-run", "a.eml"]) == 0
    assert capsys.readouterr().out == "a.eml  permanent  5.1.1  -\n"


def test_a_mail_server_is_told_to_try_again_where_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vigie.db").mkdir()  # nothing that could be opened
    piped(monkeypatch, b"x")
    assert main(["bounces", "read", "-"]) == 75
    (tmp_path / "a.eml").write_bytes(b"x")
    assert main(["bounces", "read", "a.eml"]) == 3


def test_a_mail_server_keeps_the_mail_while_a_restore_stands_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "data" / STAGING / MARK
    mark.parent.mkdir(parents=True)
    mark.write_text("before")
    piped(monkeypatch, b"x")
    assert main(["bounces", "read"]) == 75


def test_a_file_whose_name_is_no_text_is_named_as_far_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"r\xfcck.eml")
    Path(name).write_bytes(b"x")
    assert read(capsys, "--dry-run", name)[0]["file"] == "r\ufffdck.eml"
    assert main(["bounces", "read", "--dry-run", name]) == 0
    assert capsys.readouterr().out == "r\ufffdck.eml  nothing  -  -\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert read(capsys, "--dry-run") == [{"file": "-", "verdict": "nothing", "code": None, "delivery": None}]


@given(raw=st.binary(max_size=400))
@drawn(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_bytes_end_with_zero_and_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raw: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    piped(monkeypatch, raw)
    assert [each["file"] for each in read(capsys, "--dry-run", "-")] == ["-"]
