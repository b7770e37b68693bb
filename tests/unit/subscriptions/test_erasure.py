"""An erased address is nowhere: not in a table, not in what a table left behind in the file."""

from pathlib import Path

import pytest

from shared.errors import NotFound
from shared.subscriptions import lifecycle, people
from shared.subscriptions.erasure import erase_for_good
from shared.subscriptions.ledger import enqueue_operator_mail
from tests.fakes import a_store
from tests.mailing import KEY, archive, mail_through, subscribe

ADDRESS = "sehr.besonderer.leser@example.org"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_byte_of_an_erased_address_is_left(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    subscribe(store, ADDRESS)
    with store.writing() as session:
        now = store.now(session)
        lifecycle.request(session, now, ADDRESS, "theme:ai", "daily", "de", key=KEY)
        enqueue_operator_mail(session, now, key="1", recipient=ADDRESS, subject="s", body="b")
    mail_through(store, archive(store, "one"))
    assert ADDRESS.encode() in bytes_of(tmp_path)
    assert len(erase_for_good(store, ADDRESS, key=KEY)) == 3
    assert ADDRESS.encode() not in bytes_of(tmp_path)
    with store.reading() as session, pytest.raises(NotFound):
        people.find(session, ADDRESS)
    store.close()
