"""The file of a journal: whose it is, what happens when it is in the way, gone, or cut off."""

from pathlib import Path

import pytest

from shared.errors import Conflict, JournalUnavailable
from shared.store import Store
from shared.subscriptions.erasure import erase_for_good
from tests.fakes import FakeClock
from tests.keeping import keeper_of, news, notifier, restored, send_all
from tests.mailing import KEYS, ScriptedSender, assign_all, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journals" / "one"


def test_no_mail_leaves_while_the_journal_cannot_be_written(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    subscribe(store)
    news(store, "one", clock)
    assign_all(store)
    (tmp_path / "file").write_text("in the way of the folder")
    sender = ScriptedSender()
    with (
        notifier(store, tmp_path / "file" / "journal", sender) as deliverer,
        pytest.raises(JournalUnavailable, match=r"VIGIE_JOURNAL.*"),
    ):
        deliverer.step()
    assert sender.mails == []


def test_two_processes_do_not_share_a_journal(store: Store, journal: Path) -> None:
    first, second = keeper_of(store, journal), keeper_of(store, journal)
    first.look()
    with pytest.raises(Conflict, match="VIGIE_JOURNAL"):
        second.look()
    first.close()
    second.look()
    second.close()


def test_a_journal_that_is_removed_under_a_running_notifier_is_written_again(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscribe(store)
    keeper = keeper_of(store, journal)
    keeper.look()
    before = journal.read_bytes()
    journal.unlink()
    erase_for_good(store, "leser@example.org", keys=KEYS)
    keeper.look()
    assert journal.read_bytes().startswith(before)
    assert b'"erased"' in journal.read_bytes()
    keeper.close()


def test_the_file_is_its_owners_alone_and_a_line_that_a_crash_cut_off_does_no_harm(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscribe(store, "eins@example.org")
    subscribe(store, "zwei@example.org")
    erase_for_good(store, "eins@example.org", keys=KEYS)
    send_all(store, journal)
    assert journal.stat().st_mode & 0o777 == 0o600
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"erased": "0123')
    erase_for_good(store, "zwei@example.org", keys=KEYS)
    send_all(store, journal)
    assert journal.read_bytes().startswith(whole)
    assert journal.read_bytes().count(b'"erased"') == 2
    assert not restored(store)


def test_a_journal_whose_mark_was_shorter_is_written_anew(store: Store, journal: Path, clock: FakeClock) -> None:
    subscribe(store, "eins@example.org")
    erase_for_good(store, "eins@example.org", keys=KEYS)
    send_all(store, journal)
    head, mark, *entries = journal.read_bytes().split(b"\n")
    short = mark.partition(b', "mails"')[0] + b"}   "
    journal.write_bytes(b"\n".join((head, short, *entries)))
    send_all(store, journal)
    again = journal.read_bytes().split(b"\n")
    assert (again[0], again[2:]) == (head, entries)
    assert len(again[1]) == len(mark)
    assert not restored(store)
