"""The file sink: whole files under the delivery's name."""

from pathlib import Path

import pytest

from services.notifier.outcomes import Sent
from services.notifier.sink import FileSink
from shared.errors import MailUnavailable
from shared.mail_files import forget
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
