"""A clock that was ahead, by days or years, and is put right, and one that was behind: all goes on rightly."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import DateTime
from sqlmodel import select

from services.archivist.write import handler as archiving
from shared.archive.search import search
from shared.archive.store import archived_item, write
from shared.archive.tables import StoryKeyRow, VerdictRow
from shared.items import ArchivedItem, ClassifiedItem, Purpose, Verdict
from shared.moments import EARLIEST
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due
from shared.sources.store import add_source
from shared.sources.tables import SourceRow
from shared.store import Store, memos
from shared.store.stamps import MOMENTS
from shared.store.tables import whole_metadata
from shared.telemetry import health
from shared.telemetry.clocks import MEMO, STEPPED, UNSET, Clocks
from shared.telemetry.notices import notices, withdraw
from shared.telemetry.queries import future
from tests.archived import a_classified, a_verdict, live
from tests.contract.wrong_clock import AHEAD, look, put_right
from tests.fakes import FakeClock
from tests.mailing import (
    archive,
    assign_all,
    deliver_all,
    mail_through,
    match,
    pending,
    subscribe,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def said(store: Store) -> list[str]:
    with store.reading() as session:
        return [notice.key for notice in notices(session)]


# What the tables keep


def test_of_every_moment_that_is_stored_is_known_what_becomes_of_it() -> None:
    """A new column of a time needs a line in `shared.store.stamps`."""
    moments = {
        f"{table.name}.{column.name}"
        for table in whole_metadata().tables.values()
        for column in table.columns
        if isinstance(column.type, DateTime) or type(column.type).__name__ == "UtcDateTime"
    }
    assert moments == set(MOMENTS)


# Sources


@AHEAD
def test_a_source_that_was_polled_by_a_clock_ahead_is_due_when_it_is_right(
    store: Store, clock: FakeClock, days: int
) -> None:
    add(store)
    clock.advance(days=days)
    polled(store, interval=3600)
    assert due(store) == 0
    clock.advance(days=-days)
    assert due(store) == 1  # before anybody has put anything right
    polled(store, interval=3600)
    assert due(store) == 0
    clock.advance(hours=1)
    assert due(store) == 1


@AHEAD
def test_a_source_that_was_added_by_a_clock_ahead_is_due_when_it_is_right(
    store: Store, clock: FakeClock, days: int
) -> None:
    clock.advance(days=days)
    add(store)
    clock.advance(days=-days)
    assert due(store) == 1


@AHEAD
def test_a_claim_of_a_clock_ahead_holds_no_longer_than_a_claim(store: Store, clock: FakeClock, days: int) -> None:
    add(store)
    clock.advance(days=days)
    assert due(store) == 1
    clock.advance(days=-days)
    assert due(store) == 1


def test_a_poll_that_is_due_in_an_hour_by_a_clock_five_hours_ahead_is_due_in_an_hour(
    store: Store, clock: FakeClock
) -> None:
    add(store)
    clock.advance(hours=5)
    polled(store, interval=3600)
    put_right(store, clock, 5 / 24)
    assert due(store) == 0
    clock.advance(hours=1)
    assert due(store) == 1


def test_a_long_pause_by_a_right_clock_stays(store: Store, clock: FakeClock) -> None:
    add(store)
    polled(store, interval=6 * 86_400)
    look(store)
    clock.advance(days=5)
    look(store)
    assert due(store) == 0


def add(store: Store) -> None:
    with store.writing() as session:
        source = source_config({"id": "haus", "kind": "feed", "url": "https://example.org/f.xml"}, "test")
        add_source(session, source, store.now(session))


def polled(store: Store, interval: float) -> None:
    """A poll was done just now; the next one is due after so many seconds."""
    with store.writing() as session:
        row = session.get_one(SourceRow, "haus")
        row.last_fetch = row.last_success = store.now(session)
        row.next_due = store.now(session) + timedelta(seconds=interval)
        row.claimed_until = row.claim_token = None
        session.add(row)


def due(store: Store) -> int:
    with store.writing() as session:
        return len(claim_due(session, store.now(session), owner="test", limit=5))


# The archive


@AHEAD
def test_an_edit_is_taken_although_the_item_was_fetched_in_the_future(
    store: Store, clock: FakeClock, days: int
) -> None:
    take(store, clock, "Der Hafen")
    clock.advance(days=days, hours=1)
    ahead = take(store, clock, "Der Hafen wächst")
    clock.advance(days=-days, hours=1)
    right = take(store, clock, "Der Hafen wächst weiter")
    assert title(store) == "Der Hafen wächst weiter"
    replay(store, clock, ahead, right)
    assert title(store) == "Der Hafen wächst weiter"
    clock.advance(days=days)
    replay(store, clock, ahead, right)
    assert title(store) == "Der Hafen wächst weiter"


def test_an_older_state_that_comes_again_does_not_replace_one_of_the_future(
    store: Store, clock: FakeClock
) -> None:
    first = take(store, clock, "Der Hafen")
    clock.advance(hours=1)
    restated = take(store, clock, "Der Hafen", url="https://example.org/neu")
    clock.advance(days=3)
    ahead = take(store, clock, "Der Hafen wächst")
    clock.advance(days=-3, hours=1)
    replay(store, clock, first, restated, ahead)
    assert title(store) == "Der Hafen wächst"


@AHEAD
def test_a_verdict_after_one_of_the_future_counts(store: Store, clock: FakeClock, days: int) -> None:
    take(store, clock, "Der Hafen")
    clock.advance(days=days)
    old = a_classified("one", title="Der Hafen", fetched_at=clock.now(), at=clock.now(), verdict=by("old-2"))
    replay(store, clock, old)
    assert model(store) == "old-2"
    put_right(store, clock, days)
    clock.advance(seconds=1)
    new = a_classified("one", title="Der Hafen", fetched_at=clock.now(), at=clock.now(), verdict=by("new-3"))
    replay(store, clock, new)
    assert model(store) == "new-3"
    replay(store, clock, old, new)
    assert model(store) == "new-3"


def test_a_verdict_is_never_of_the_future(store: Store, clock: FakeClock) -> None:
    """The classifier's machine may have a clock of its own."""
    at = clock.now() + timedelta(days=3)
    replay(store, clock, a_classified("one", at=at, fetched_at=clock.now()))
    with store.reading() as session:
        assert [row.classified_at for row in session.exec(select(VerdictRow))] == [clock.now()]


@AHEAD
def test_undated_items_of_the_future_stand_where_they_belong(store: Store, clock: FakeClock, days: int) -> None:
    clock.advance(days=days)
    titles = {"undated": "Deutschland und Frankreich bauen ein Rechenzentrum", "newer": "Ein Netz für die Inseln"}
    undated, newer = (a_classified(name, title=title, published=None) for name, title in titles.items())
    archiving(store)(live(undated))
    put_right(store, clock, days)
    clock.advance(hours=1)
    archiving(store)(live(newer))
    with store.reading() as session:
        found = search(session, "").items
        keys = {row.sort_at for row in session.exec(select(StoryKeyRow))}
    assert [item.item_id for item in found] == ["newer", "undated"]
    assert max(keys) <= clock.now()
    assert all(item.first_seen <= clock.now() for item in found)


def take(store: Store, clock: FakeClock, title: str, **fields: str) -> ClassifiedItem:
    """An event that the collector sends now, and the archive takes."""
    event = a_classified("one", title=title, fetched_at=clock.now(), at=clock.now(), **fields)
    replay(store, clock, event)
    return event


def replay(store: Store, clock: FakeClock, *events: ClassifiedItem) -> None:
    for event in events:
        with store.writing() as session:
            write(session, event, Purpose.LIVE, clock.now())


def by(name: str) -> Verdict:
    return a_verdict(model=name)


def title(store: Store) -> str:
    return state(store).title


def model(store: Store) -> str:
    return state(store).verdict.model


def state(store: Store) -> ArchivedItem:
    with store.reading() as session:
        found = archived_item(session, "one")
    assert found is not None
    return found


# Signs of life


@AHEAD
def test_an_instance_that_died_in_the_future_is_not_alive(store: Store, clock: FakeClock, days: int) -> None:
    clock.advance(days=days)
    with store.writing() as session:
        health.beat(session, "gone", {"collector": None}, clock.now())
    clock.advance(days=-days)
    with store.writing() as session:
        health.beat(session, "here", {"notifier": None}, clock.now())
        found = health.stages(session, clock.now())
    assert {name: stage.alive for name, stage in found.items()} == {"collector": False, "notifier": True}


# What is said


@AHEAD
def test_a_clock_that_went_back_is_said_whether_or_not_anybody_ran(
    store: Store, clock: FakeClock, days: int
) -> None:
    look(store)
    clock.advance(days=days)
    look(store)
    assert said(store) == []
    clock.advance(days=-days, hours=2)  # two hours in which nothing ran
    look(store)
    assert said(store) == [STEPPED]


@AHEAD
def test_what_a_clock_wrote_that_was_ahead_between_two_looks_is_put_right_and_said(
    store: Store, clock: FakeClock, days: int
) -> None:
    add(store)
    look(store)
    clock.advance(days=days)
    polled(store, interval=3600)
    subscribe(store)
    match(store, archive(store, "one"))
    clock.advance(days=-days)
    with store.reading() as session:
        assert len(future(session, store.now(session))) >= 4
    look(store)
    assert said(store) == [STEPPED]
    with store.reading() as session:
        assert future(session, store.now(session)) == {}
    assert due(store) == 0
    clock.advance(hours=1)
    assert due(store) == 1


def test_a_step_forward_is_said_by_who_saw_it(store: Store, clock: FakeClock) -> None:
    passed = 0.0
    clocks = Clocks(store, lambda: passed)
    steps: Sequence[tuple[float, float]] = ((5, 5), (5, 5), (8 * 3600, 8 * 3600))  # a night's suspend is no step
    for by_clock, truly in steps:
        clock.advance(seconds=by_clock)
        passed += truly
        with store.writing() as session:
            clocks.look(session)
    assert said(store) == []
    clock.advance(days=3)
    passed += 5
    with store.writing() as session:
        clocks.look(session)
        (notice,) = notices(session)
    assert notice.key == STEPPED
    assert "forward by 3 d 0 h" in notice.reason


def test_a_step_of_less_than_a_minute_is_none(store: Store, clock: FakeClock) -> None:
    passed = 0.0
    clocks = Clocks(store, lambda: passed)
    for by_clock in (5, -50, 50):
        clock.advance(seconds=by_clock)
        passed += 5
        with store.writing() as session:
            clocks.look(session)
    assert said(store) == []


def test_what_was_read_is_said_again_at_the_next_step_only(store: Store, clock: FakeClock) -> None:
    put_right(store, clock, 3)
    with store.writing() as session:
        withdraw(session, STEPPED)
    for _ in range(3):
        clock.advance(seconds=5)
        look(store)
    assert said(store) == []


def test_a_clock_that_was_never_set_is_red_and_changes_nothing(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    look(store)
    before = pending(store).confirmed_at
    back = clock.now() - EARLIEST + timedelta(days=3650)
    clock.advance(days=-back.days - 1)
    look(store)
    assert said(store) == [UNSET]
    assert pending(store).confirmed_at == before
    clock.advance(days=back.days + 2)
    look(store)
    assert said(store) == []


def test_a_clock_that_was_behind_and_is_right_again_mails_and_polls(store: Store, clock: FakeClock) -> None:
    look(store)
    clock.advance(days=-3)
    look(store)
    add(store)
    assert due(store) == 1
    polled(store, interval=3600)
    subscribe(store, every="daily")
    subscribe(store, "zwei@example.org")
    match(store, archive(store, "one"))
    assign_all(store)
    clock.advance(days=3)
    look(store)
    assert due(store) == 1
    assert len(deliver_all(store)) == 2
    clock.advance(minutes=1)
    assert len(mail_through(store, archive(store, "two"))) == 1


def test_the_store_remembers_the_latest_time_that_it_has_seen(store: Store, clock: FakeClock) -> None:
    latest = clock.advance(seconds=5)
    look(store)
    clock.advance(seconds=-30)  # as clocks of several machines differ
    look(store)
    with store.writing() as session:
        memo = memos.read(session, MEMO)
    assert memo is not None
    assert datetime.fromisoformat(memo.text) == latest
