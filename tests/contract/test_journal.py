"""Who starts on a restored or copied database mails nothing twice, and nobody who left or was erased."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import delete, select, update

from services.notifier import claims
from shared.archive.tables import ItemRow
from shared.errors import JournalUnavailable
from shared.journal.lineage import caught_up
from shared.journal.restored import RESTORED
from shared.journal.tables import LineageRow
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.erasure import erase_for_good
from shared.subscriptions.tables import DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import State
from shared.telemetry.facts import Weight
from tests.fakes import FakeClock
from tests.keeping import (
    held,
    news,
    notices_of,
    notifier,
    release_all,
    restored,
    send_all,
)
from tests.mailing import KEYS, ScriptedSender, archive, ask, assign_all, match, subscribe

Copy = Callable[[], Store]


@pytest.fixture
def clock() -> FakeClock:
    """Behind the articles: items are first fetched at noon."""
    return FakeClock()


# ---- what is no restore


def test_a_first_start_a_later_one_and_a_week_of_downtime_are_no_restore(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscribe(store)
    news(store, "one", clock)
    assert send_all(store, journal) == ["leser@example.org"]
    clock.advance(days=7)
    news(store, "two", clock)
    assert send_all(store, journal) == ["leser@example.org"]
    assert not restored(store)
    assert held(store) == []


def test_a_backup_that_knows_every_mail_goes_on_where_it_was(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    news(store, "two", clock)  # not sent before the machine died
    assert send_all(copy(), journal) == ["leser@example.org"]


def test_a_fresh_store_beside_the_journal_of_another_begins_a_new_one(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    empty = copy()
    with empty.writing() as session:
        session.execute(update(LineageRow).values(store="another"))
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    subscribe(empty)
    news(empty, "one", clock)
    assert send_all(empty, journal) == ["leser@example.org"]
    assert not restored(empty)
    assert len(list(journal.parent.glob("one.before-*"))) == 1


# ---- what is one


def test_a_backup_from_before_a_mail_left_holds_what_it_would_send_again(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store, "eins@example.org")
    subscribe(store, "zwei@example.org", every="daily")
    news(store, "one", clock)
    send_all(store, journal)
    news(store, "two", clock)
    assign_all(store)
    ask(store, "neu@example.org")
    backup = copy()
    clock.advance(days=1)
    assert sorted(send_all(store, journal)) == ["eins@example.org", "neu@example.org", "zwei@example.org"]
    assert send_all(backup, journal) == []
    assert restored(backup)
    assert held(backup) == [RESTORED] * 3
    clock.advance(days=8)
    assert send_all(backup, journal) == []


def test_what_was_held_goes_when_an_operator_releases_it_and_the_notice_ends(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    backup = copy()
    send_all(store, journal)
    assert send_all(backup, journal) == []
    release_all(backup)
    assert send_all(backup, journal) == ["leser@example.org"]
    assert [notice.weight for notice in notices_of(backup)] == [Weight.WARNING]
    clock.advance(minutes=6)
    assert send_all(backup, journal) == []  # this look finds that a person has decided
    assert notices_of(backup) == []


def test_a_copy_without_the_journal_holds_everything_while_the_original_goes_on(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    news(store, "two", clock)
    twin = copy()
    assert send_all(twin, journal.with_name("of-the-copy")) == []
    assert "no journal at" in notices_of(twin)[0].reason
    assert send_all(store, journal) == ["leser@example.org"]


def test_a_database_from_before_there_were_journals_takes_the_name_of_the_one_beside_it(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    subscribe(store, "weg@example.org")
    old = copy()
    with old.writing() as session:
        session.execute(delete(LineageRow))
    erase_for_good(store, "weg@example.org", keys=KEYS)
    news(store, "one", clock)
    send_all(store, journal)
    news(old, "one", clock)
    assert send_all(old, journal) == []
    assert restored(old)
    with old.reading() as session:
        assert session.exec(select(PersonRow.address)).all() == ["leser@example.org"]


def test_a_lost_journal_beside_an_unchanged_store_holds_the_mails_and_says_what_to_do(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    journal.unlink()
    news(store, "two", clock)
    assert send_all(store, journal) == []
    (notice,) = notices_of(store)
    assert "the journal was lost or left behind" in notice.reason
    assert "vigie deliveries release" in notice.remedy


def test_a_damaged_journal_counts_as_none_and_is_kept(store: Store, journal: Path, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    journal.write_bytes(b"\0" * 500)
    news(store, "two", clock)
    assert send_all(store, journal) == []
    assert "damaged" in notices_of(store)[0].reason
    assert [path.read_bytes() for path in journal.parent.glob("one.before-*")] == [b"\0" * 500]


def test_a_database_that_is_put_back_while_the_notifier_runs_is_noticed_before_the_next_mail(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscribe(store)
    news(store, "one", clock)
    sender = ScriptedSender()
    with notifier(store, journal, sender) as deliverer:
        assign_all(store)
        assert deliverer.step()
        assert not deliverer.step()
        with store.writing() as session:  # as a server would after its database was restored
            session.execute(update(LineageRow).values(generation=0))
            session.execute(update(DeliveryRow).values(state=State.PENDING))
        with pytest.raises(JournalUnavailable, match="gone back"):
            claims.claim(store, "here", 1, deliverer._gate.advance)  # before it looks again
        assert not deliverer.step()
    assert len(sender.mails) == 1
    assert restored(store)


def test_a_store_restored_twice_is_recognised_twice(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    backup, again = copy(), copy()
    send_all(store, journal)
    send_all(backup, journal)
    clock.advance(minutes=1)
    release_all(backup)
    assert send_all(backup, journal) == ["leser@example.org"]
    assert send_all(again, journal) == []
    assert restored(again)


# ---- who left


def test_who_left_or_was_erased_after_the_backup_has_left_and_is_erased_again(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    for name in ("bleibt", "geht", "weg"):
        subscribe(store, f"{name}@example.org")
    backup = copy()
    with changing(store) as session:
        leaving = select(SubscriptionRow).join(PersonRow).where(PersonRow.address == "geht@example.org")
        rows = session.exec(leaving).all()
        lifecycle.end(session, rows, store.now(session), keys=KEYS, reason="left", origin="portal")
    erase_for_good(store, "weg@example.org", keys=KEYS)
    assert send_all(store, journal) == []  # no mail needs to leave for the journal to know it
    news(backup, "one", clock)
    assert send_all(backup, journal) == ["bleibt@example.org"]
    with backup.reading() as session:
        assert set(session.exec(select(PersonRow.address)).all()) == {"bleibt@example.org", "geht@example.org"}
    assert b"example.org" not in journal.read_bytes()


def test_who_left_hears_nothing_either_when_held_mails_are_released(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    assign_all(store)
    backup = copy()
    send_all(store, journal)
    with changing(store) as session:
        rows = session.exec(select(SubscriptionRow)).all()
        lifecycle.end(session, rows, store.now(session), keys=KEYS, reason="left", origin="portal")
    send_all(store, journal)
    send_all(backup, journal)
    release_all(backup)
    assert send_all(backup, journal) == []


def test_whoever_subscribed_again_after_an_erasure_stays(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    send_all(store, journal)
    erase_for_good(store, "leser@example.org", keys=KEYS)
    subscribe(store)
    send_all(store, journal)
    news(store, "one", clock)
    assert send_all(copy(), journal) == ["leser@example.org"]


# ---- items after a restore


def test_only_items_fetched_after_a_first_poll_of_their_source_go_by_themselves(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    with store.writing() as session:
        session.add_all(SourceRow(id=name, url=f"https://example.org/{name}") for name in ("dfki", "inria"))
    subscribe(store)
    in_flight = clock.now()
    backup = copy()
    news(store, "one", clock)
    send_all(store, journal)
    clock.advance(minutes=5)
    send_all(backup, journal)
    clock.advance(minutes=5)
    match(backup, archive(backup, "on the bus", fetched_at=in_flight))
    news(backup, "first poll", clock)
    with backup.writing() as session:
        caught_up(session, ["dfki"], clock.advance(seconds=3))
    match(backup, archive(backup, "first poll, archived later", fetched_at=clock.now() - timedelta(seconds=3)))
    assert send_all(backup, journal) == []
    clock.advance(minutes=5)
    news(backup, "second poll", clock)
    news(backup, "first poll of another", clock, source="inria")
    assert send_all(backup, journal) == ["leser@example.org"]
    assert held(backup) == [RESTORED]  # one mail gathers them
    with backup.reading() as session:
        assert len(session.exec(select(ItemRow)).all()) == 5


def test_what_an_operator_releases_from_the_flood_guard_after_the_restore_goes(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    fetched = clock.now()
    news(store, "one", clock)
    backup = copy()
    send_all(store, journal)
    clock.advance(minutes=5)
    send_all(backup, journal)
    clock.advance(minutes=5)
    match(backup, archive(backup, "old", fetched_at=fetched, released_at=clock.now()))
    assert send_all(backup, journal) == ["leser@example.org"]


# ---- who was replaced did not leave


def test_who_chose_another_frequency_since_the_backup_goes_on_as_before(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    backup = copy()
    subscribe(store, every="weekly")
    clock.advance(seconds=1)
    subscribe(store, every="daily")
    send_all(store, journal)
    send_all(backup, journal)
    news(backup, "two", clock)
    assert send_all(backup, journal) == ["leser@example.org"]


def test_who_left_the_successor_of_what_the_backup_knows_is_mailed_no_more(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscribe(store)
    news(store, "one", clock)
    send_all(store, journal)
    backup = copy()
    subscribe(store, every="weekly")
    clock.advance(seconds=1)
    last = subscribe(store, every="daily")
    send_all(store, journal)
    with changing(store) as session:
        row = session.get_one(SubscriptionRow, last.id)
        lifecycle.end(session, [row], store.now(session), keys=KEYS, reason="left by link", origin="portal")
    send_all(store, journal)
    send_all(backup, journal)
    news(backup, "two", clock)
    assert send_all(backup, journal) == []
