"""Several notifiers on one server, each with a journal of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import JournalUnavailable
from shared.journal.restored import RESTORED
from shared.store import Store
from shared.subscriptions.held import hold_open
from shared.telemetry.facts import Weight
from tests.fakes import FakeClock
from tests.keeping import copy_of, held, keeper_of, news, notices_of, release_all, restored, send_all
from tests.mailing import assign_all, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Store]:
    store = Store(request.getfixturevalue("database_url"), clock)
    yield store
    store.close()


def test_a_notifier_that_joins_others_takes_their_word_for_the_database(
    server: Store, tmp_path: Path, clock: FakeClock
) -> None:
    subscribe(server)
    news(server, "one", clock)
    send_all(server, tmp_path / "one")
    news(server, "two", clock)
    others, joining = keeper_of(server, tmp_path / "one"), keeper_of(server, tmp_path / "two")
    with pytest.raises(JournalUnavailable, match="another notifier"):
        joining.look()
    clock.advance(seconds=5)
    others.look()
    joining.look()
    assert not restored(server)
    others.close()
    joining.close()
    assert send_all(server, tmp_path / "two") == ["leser@example.org"]


def test_a_notifier_without_a_journal_and_without_others_holds_the_mails(
    server: Store, tmp_path: Path, clock: FakeClock
) -> None:
    subscribe(server)
    news(server, "one", clock)
    send_all(server, tmp_path / "one")
    news(server, "two", clock)
    seconds = [0.0]
    alone = keeper_of(server, tmp_path / "two", monotonic=lambda: seconds[0])
    with pytest.raises(JournalUnavailable):
        alone.look()
    seconds[0] = 16.0
    alone.look()
    assert restored(server)
    assert held(server)
    alone.close()


def test_a_restore_is_red_again_when_mails_come_to_wait_for_a_person(
    server: Store, tmp_path: Path, clock: FakeClock
) -> None:
    """Sources are polled one after the other: the first mail may be held long after the restore was found."""
    subscribe(server)
    news(server, "one", clock)
    send_all(server, tmp_path / "one")
    seconds = [0.0]
    alone = keeper_of(server, tmp_path / "two", monotonic=lambda: seconds[0])
    with pytest.raises(JournalUnavailable):
        alone.look()
    seconds[0] = 16.0
    alone.look()
    assert [notice.weight for notice in notices_of(server)] == [Weight.WARNING]
    news(server, "two", clock)
    assign_all(server)
    with server.writing() as session:
        hold_open(session, server.now(session), RESTORED)
    seconds[0] = 32.0
    alone.look()
    assert restored(server)
    alone.close()


def test_each_notifier_knows_the_mails_of_the_others(server: Store, tmp_path: Path, clock: FakeClock) -> None:
    """So that whichever of them starts first finds out."""
    subscribe(server)
    idle = keeper_of(server, tmp_path / "idle")
    idle.look()
    backup = copy_of(server, tmp_path, clock)
    news(server, "one", clock)
    clock.advance(seconds=1)
    send_all(server, tmp_path / "one")
    idle.look()
    idle.close()
    news(backup, "one", clock)
    assert send_all(backup, tmp_path / "idle") == []
    assert restored(backup)
    backup.close()


def test_a_restore_that_one_notifier_found_is_not_found_again_by_the_next(
    server: Store, tmp_path: Path, clock: FakeClock
) -> None:
    subscribe(server)
    backup = copy_of(server, tmp_path, clock)
    news(server, "one", clock)
    other = keeper_of(server, tmp_path / "two")
    send_all(server, tmp_path / "one")
    with pytest.raises(JournalUnavailable):
        other.look()
    clock.advance(seconds=5)
    first = keeper_of(server, tmp_path / "one")
    first.look()
    other.look()
    first.close()
    other.close()
    clock.advance(minutes=1)
    send_all(backup, tmp_path / "one")
    since = notices_of(backup)[0]
    release_all(backup)
    clock.advance(minutes=1)
    news(backup, "after", clock)
    assert send_all(backup, tmp_path / "two") == ["leser@example.org"]
    assert notices_of(backup)[0] == since
    backup.close()


def test_two_notifiers_of_one_machine_that_name_the_same_file_have_each_their_own(
    server: Store, tmp_path: Path, clock: FakeClock
) -> None:
    subscribe(server)
    first, second = (keeper_of(server, tmp_path / "journal", instance=name) for name in ("a", "b"))
    first.look()
    second.look()
    assert sorted(path.name for path in tmp_path.glob("journal*")) == ["journal", "journal.b"]
    first.close()
    second.close()
