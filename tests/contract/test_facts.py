"""What both stores say of late mails, of stamps from the future, and of the sources that are on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.bus.sqlite import SqliteBus
from shared.sources.tables import HeldEntry, SourceRow
from shared.store import Store
from shared.subscriptions.deliveries import discard, release
from shared.subscriptions.tables import DeliveryRow, MatchRow, PersonRow
from shared.telemetry.facts import Deferred, Failed, Overdue, Watched
from shared.telemetry.progress import Look, note, standing
from shared.telemetry.queries import deferred, failed, future, unmade, unsent, watched
from shared.telemetry.reading import read_facts
from tests.fakes import FakeClock

CLOCK = FakeClock()
NOW = CLOCK.now()


@pytest.fixture
def clock() -> FakeClock:
    return CLOCK


@pytest.fixture(autouse=True)
def reader(store: Store) -> None:
    with store.writing() as session:
        session.add(PersonRow(id="p", address="reader@example.org", language="de", created_at=NOW))


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def deliveries(store: Store, *rows: dict[str, Any]) -> None:
    with store.writing() as session:
        for number, row in enumerate(rows):
            values = {"kind": "instant", "state": "pending", "language": "de", "created_at": ago(500), **row}
            session.add(DeliveryRow(id=f"d{number}", key=f"k{number}", **values))


def late(store: Store) -> tuple[Overdue, ...]:
    with store.reading() as session:
        return unsent(session, NOW)


@pytest.mark.parametrize("kind", ["instant", "confirm", "operator"])
def test_a_mail_is_late_after_ten_minutes(store: Store, kind: str) -> None:
    deliveries(store, {"kind": kind, "due_at": ago(9)})
    assert late(store) == ()
    with store.writing() as session:
        session.get_one(DeliveryRow, "d0").due_at = ago(10)
    assert late(store) == (Overdue(kind, 1, ago(10)),)


def test_a_digest_is_late_after_an_hour(store: Store) -> None:
    deliveries(store, {"kind": "digest", "due_at": ago(59)}, {"kind": "digest", "due_at": ago(61)})
    assert late(store) == (Overdue("digest", 1, ago(61)),)


@pytest.mark.parametrize("blame", ["mail", "us", "world"])
def test_a_mail_that_the_relay_puts_off_again_and_again_is_late_since_it_was_made(
    store: Store, blame: str
) -> None:
    put_off = {"blame": blame, "due_at": ago(-8), "error": "451 4.4.1 later"}
    deliveries(store, {**put_off, "created_at": ago(9)}, {**put_off, "created_at": ago(30)})
    assert late(store) == (Overdue("instant", 1, ago(30)),)


def test_a_mail_that_was_refused_is_late_while_it_is_tried_again(store: Store) -> None:
    tried = {"state": "sending", "due_at": ago(1), "claimed_until": ago(-39), "created_at": ago(30)}
    deliveries(store, tried, {**tried, "blame": "world"})
    assert late(store) == (Overdue("instant", 1, ago(30)),)


def test_what_its_mailbox_refuses_for_now_is_not_late_and_told_after_an_hour(store: Store) -> None:
    full = {"blame": "mailbox", "due_at": ago(-8), "error": "452 4.2.2 full", "person": "p"}
    deliveries(store, {**full, "created_at": ago(59)}, {**full, "created_at": ago(60)})
    assert late(store) == ()
    with store.reading() as session:
        assert deferred(session, NOW) == Deferred(1, ago(60), "452 4.2.2 full")


def test_nobody_waits_for_a_mailbox_where_none_refuses(store: Store) -> None:
    deliveries(store, {"due_at": ago(100)}, {"state": "failed", "blame": "mailbox", "due_at": ago(100)})
    with store.reading() as session:
        assert deferred(session, NOW) is None


@pytest.mark.parametrize("state", ["sent", "failed", "held"])
def test_what_is_over_or_held_is_not_late(store: Store, state: str) -> None:
    deliveries(store, {"state": state, "due_at": ago(100)})
    assert late(store) == ()


def test_a_mail_in_the_hands_of_a_sender_is_late_once_its_claim_is_over(store: Store) -> None:
    held = {"state": "sending", "due_at": ago(100)}
    deliveries(store, {**held, "claimed_until": ago(-1)}, {**held, "claimed_until": ago(1)})
    assert late(store) == (Overdue("instant", 1, ago(100)),)


def test_a_story_without_its_mail_is_late_as_its_mail_would_be(store: Store) -> None:
    due = {"instant": (9, 11), "daily": (59, 61), "weekly": (11, 90)}
    with store.writing() as session:
        for every, ages in due.items():
            for age in ages:
                story = f"{every}{age}"
                row = MatchRow(person="p", story=story, item_id=story, every=every, matched_at=ago(500))
                row.due_at = ago(age)
                session.add(row)
    with store.reading() as session:
        found = sorted(unmade(session, NOW), key=lambda each: each.kind)
    assert found == [Overdue("daily", 1, ago(61)), Overdue("instant", 1, ago(11)), Overdue("weekly", 1, ago(90))]


def failures(store: Store) -> tuple[Failed, ...]:
    with store.reading() as session:
        return failed(session, NOW)


def test_what_failed_counts_by_what_it_is_about(store: Store) -> None:
    dead = {"state": "failed", "blame": "mailbox", "person": "p"}
    deliveries(
        store,
        {**dead, "due_at": ago(60), "error": "550 5.1.1 no"},
        {**dead, "due_at": ago(30), "error": "552 5.2.2 full"},
        {**dead, "due_at": ago(8 * 24 * 60), "person": None},
        {"state": "failed", "blame": "us", "due_at": ago(20 * 24 * 60), "error": "554 5.7.1"},
        {"state": "failed", "blame": "mail", "due_at": ago(5), "error": "552 5.3.4"},
        {"state": "failed", "due_at": ago(5), "error": "not sent: the subscription ended"},
        {"state": "pending", "blame": "us", "due_at": ago(0)},
    )
    assert failures(store) == (
        Failed(True, 2, 1, "552 5.2.2 full", ago(500)),
        Failed(False, 2, 0, "552 5.3.4", ago(500)),
    )


@pytest.mark.parametrize("decide", [discard, lambda session, delivery: release(session, delivery, NOW)])
def test_what_somebody_released_or_discarded_counts_no_more(store: Store, decide: Callable[..., None]) -> None:
    deliveries(store, {"state": "failed", "blame": "us", "due_at": ago(5), "error": "554 5.7.1"})
    assert failures(store) == (Failed(False, 1, 0, "554 5.7.1", ago(500)),)
    with store.writing() as session:
        decide(session, "d0")
    assert failures(store) == ()


def test_a_stamp_from_the_future_is_named_and_two_minutes_of_skew_are_not(store: Store) -> None:
    with store.writing() as session:
        session.add(SourceRow(id="near", url="https://example.org/1", last_fetch=ago(-2)))
    with store.reading() as session:
        assert future(session, NOW) == {}
    with store.writing() as session:
        session.add(SourceRow(id="far", url="https://example.org/2", last_success=ago(-3)))
    deliveries(store, {"created_at": ago(-60), "due_at": NOW})
    with store.reading() as session:
        assert future(session, NOW) == {"the last success of a source": ago(-3), "a mail": ago(-60)}


def test_what_is_watched_is_what_is_on_and_says_how_it_is(store: Store) -> None:
    with store.writing() as session:
        session.add(SourceRow(id="a", url="https://example.org/a", state="ok", polls=3, first_success=NOW))
        refused = SourceRow(id="b", url="https://example.org/b", state="failing", polls=1, assumed=True)
        refused.errors_in_row, refused.last_error = 1, "refused"
        session.add(refused)
        session.add(SourceRow(id="c", url="https://example.org/c", paused=True))
        session.add(SourceRow(id="d", url="https://example.org/d", enabled=False))
        held = {"source": "a", "held_at": NOW, "collected": {}}
        session.add(HeldEntry(entry_key="1", item_id="1", **held))
        session.add(HeldEntry(entry_key="2", item_id="2", released_at=NOW, **held))
    with store.reading() as session:
        assert watched(session) == (
            Watched("a", "ok", held=1),
            Watched("b", "failing", errors=1, error="refused", succeeded=False, assumed=True),
        )


def test_progress_is_noted_and_read_on_both(store: Store) -> None:
    with store.writing() as session:
        note(session, [Look("items", "archivist", 2**40, waits=True)], ago(6))
    for minutes in (5, 4, 3, 2, 1, 0):
        with store.writing() as session:
            note(session, [Look("items", "archivist", 2**40, waits=True)], ago(minutes))
    with store.reading() as session:
        assert standing(session, NOW) == {"archivist": timedelta(minutes=6)}


def test_one_look_reads_everything_on_both(store: Store, tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / "bus.db", CLOCK)
    facts = read_facts(store, bus, CLOCK)
    assert (facts.items, facts.watched, facts.unsent, facts.failed, facts.future) == (0, (), (), (), {})
    assert (facts.room is None) is (not store.sqlite)
    bus.close()
