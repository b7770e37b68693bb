"""However a sender dies, and from whatever moment a copy is: only the copy is taken for one."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from sqlmodel import select

from services.notifier import claims
from shared.journal.lines import read
from shared.journal.restored import RESTORED
from shared.journal.tables import LineageRow
from shared.store import Store
from tests.fakes import FakeClock, a_store
from tests.keeping import copy_of, held, keeper_of, news, restored, send_all, states
from tests.mailing import assign_all, subscribe

Copy = Callable[[], Store]


@pytest.fixture
def clock() -> FakeClock:
    """Behind the articles: items are first fetched at noon."""
    return FakeClock()


def one_mail(store: Store, journal: Path) -> Iterator[str]:
    """The steps of sending one mail, each of which may be the last."""
    keeper = keeper_of(store, journal)
    try:
        keeper.look()
        yield "looked"
        batch = claims.claim(store, "here", 1, keeper.advance)
        assert batch is not None
        yield "claimed"
        keeper.seal()
        yield "sealed"
        claims.taken(store, batch, batch.claims[0], keeper.count)
        yield "remembered"
        keeper.counted()
        yield "counted"
        with store.writing() as session:
            keeper.advance(session)
        yield "grown"
        keeper.seal()
        yield "rested"
    finally:
        keeper.close()


STEPS = ("looked", "claimed", "sealed", "remembered", "counted", "grown", "rested")


@pytest.mark.parametrize("last", STEPS)
def test_a_death_at_any_step_is_no_restore(store: Store, journal: Path, clock: FakeClock, last: str) -> None:
    subscribe(store)
    news(store, "one", clock)
    assign_all(store)
    steps = one_mail(store, journal)
    while next(steps) != last:
        pass
    steps.close()
    keeper = keeper_of(store, journal)
    keeper.look()
    keeper.close()
    assert not restored(store)


@pytest.mark.parametrize("copied", STEPS[:-2])
def test_a_copy_of_any_step_is_recognised_once_the_original_went_on(
    store: Store, journal: Path, clock: FakeClock, copy: Copy, copied: str
) -> None:
    subscribe(store)
    news(store, "one", clock)
    assign_all(store)
    steps = one_mail(store, journal)
    while next(steps) != copied:
        pass
    backup = copy()
    for _ in steps:
        pass
    assert send_all(backup, journal) == []
    if copied in ("remembered", "counted"):
        assert states(backup) == {"sent": ""}
    else:
        assert restored(backup)
        assert held(backup) == [RESTORED]


def test_a_copy_of_the_middle_of_a_batch_is_recognised_though_the_original_died_in_it(
    tmp_path: Path, journal: Path, clock: FakeClock
) -> None:
    """On one machine, while it has not gone down: the counts within a batch do not wait for the disk."""
    with closing(a_store(tmp_path / "data", clock)) as store:
        for name in ("eins", "zwei", "drei"):
            subscribe(store, f"{name}@example.org")
        news(store, "one", clock)
        assign_all(store)
        keeper = keeper_of(store, journal)
        keeper.look()
        batch = claims.claim(store, "here", 3, keeper.advance)
        assert batch is not None
        keeper.seal()
        backups = []
        for before in batch.claims[:2]:
            claims.taken(store, batch, before, keeper.count)
            backups.append(copy_of(store, tmp_path / "copies", clock))
            keeper.counted()
        keeper.close()
        as_it_was = journal.read_bytes()
        for backup, old in zip(backups, (True, False), strict=True):
            journal.write_bytes(as_it_was)
            keeper = keeper_of(backup, journal)
            keeper.look()
            keeper.close()
            assert restored(backup) is old
            backup.close()


def test_a_machine_that_went_down_within_a_batch_is_no_restore(
    tmp_path: Path, journal: Path, clock: FakeClock
) -> None:
    """The journal's count may have come to the disk, and the store's memory of the mail not."""
    with closing(a_store(tmp_path / "data", clock)) as store:
        subscribe(store)
        news(store, "one", clock)
        send_all(store, journal)
        journal.write_bytes(journal.read_bytes().replace(b'"mails": 1', b'"mails": 9'))
        as_another_boot = re.sub(rb'"boot": "[0-9a-f-]{8}', b'"boot": "00000000', journal.read_bytes())
        journal.write_bytes(as_another_boot)
        send_all(store, journal)
        assert not restored(store)


def test_several_senders_of_a_process_never_take_the_journal_past_the_store(
    tmp_path: Path, journal: Path, clock: FakeClock
) -> None:
    with closing(a_store(tmp_path / "data", clock)) as store:
        for number in range(12):
            subscribe(store, f"n{number}@example.org")
        news(store, "one", clock)
        assign_all(store)
        keeper = keeper_of(store, journal)
        keeper.look()
        ahead: list[tuple[int, int]] = []

        def send() -> None:
            while (batch := claims.claim(store, "here", 1, keeper.advance)) is not None:
                keeper.seal()
                claims.taken(store, batch, batch.claims[0], keeper.count)
                keeper.counted()
                mark = read(journal.read_bytes()).mark
                with store.reading() as session:
                    facts = session.exec(select(LineageRow)).one()
                if (mark.generation, mark.mails) > (facts.generation, facts.mails):
                    ahead.append((mark.generation, facts.generation))
            keeper.rest()

        threads = [Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        keeper.close()
        assert ahead == []
        assert states(store) == {"sent": ""}
