"""The file sink: whole files under the delivery's name."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.notifier.chosen import OnlyTo
from services.notifier.outcomes import Sent
from services.notifier.sink import FileSink
from shared.errors import MailUnavailable
from shared.mail_files import forget
from tests.mailing import ScriptedSender
from tests.unit.notifier.letters import DELIVERY, a_letter, an_entry, composed


def test_a_mail_is_a_file_named_after_its_delivery(tmp_path: Path) -> None:
    mail = composed(a_letter())
    assert FileSink(tmp_path / "mail").send(mail) == Sent()
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{DELIVERY}.eml"]
    assert (tmp_path / "mail" / f"{DELIVERY}.eml").read_bytes() == mail.as_bytes()


def test_the_same_delivery_again_replaces_its_file(tmp_path: Path) -> None:
    sink = FileSink(tmp_path)
    sink.send(composed(a_letter()))
    again = composed(a_letter(an_entry(title="Again")))
    sink.send(again)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [again.as_bytes()]


def test_a_folder_that_cannot_be_written_is_a_sick_world(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(MailUnavailable, match="mail"):
        FileSink(tmp_path / "mail").send(composed(a_letter()))


def test_forgotten_mails_leave_no_file(tmp_path: Path) -> None:
    FileSink(tmp_path).send(composed(a_letter()))
    forget(tmp_path, [DELIVERY, "never-written"])
    assert list(tmp_path.iterdir()) == []


def test_only_who_was_chosen_gets_mail_through_the_relay(tmp_path: Path) -> None:
    relay, others = ScriptedSender(), FileSink(tmp_path)
    sender = OnlyTo(("Desk@example.org", "@own.example"), relay, others)
    letters = {
        delivery: replace(a_letter(), delivery=delivery, recipient=recipient)
        for delivery, recipient in (
            ("1" * 32, "desk@EXAMPLE.org"),
            ("2" * 32, "anybody@own.example"),
            ("3" * 32, "reader@example.org"),
            ("4" * 32, "reader@not.own.example"),
        )
    }
    assert [sender.send(composed(letter)) for letter in letters.values()] == [Sent()] * 4
    assert [mail.recipient for mail in relay.mails] == ["desk@EXAMPLE.org", "anybody@own.example"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["3" * 32, "4" * 32]
