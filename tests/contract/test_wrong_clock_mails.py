"""Subscriptions and mails when a clock was ahead and is put right: nothing waits, comes twice or too early."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select, update

from services.notifier import claims
from services.notifier.matching import Matcher
from services.notifier.outcomes import Refused
from services.notifier.refusals import About
from shared.store import Store
from shared.subscriptions import lifecycle, people
from shared.subscriptions.tables import DeliveryRow, SubscriptionRow
from tests.contract.wrong_clock import AHEAD, look, put_right
from tests.fakes import FakeClock
from tests.mailing import (
    KEYS,
    LESER,
    ScriptedSender,
    all_matches,
    archive,
    ask,
    assign_all,
    deliver_all,
    deliverer,
    ledger,
    mail_through,
    match,
    records,
    subscribe,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@AHEAD
@pytest.mark.parametrize("seen", [True, False], ids=["put right", "before anybody put it right"])
def test_a_subscription_of_a_clock_ahead_gets_what_is_first_seen_after_it(
    store: Store, clock: FakeClock, days: int, seen: bool
) -> None:
    clock.advance(days=days)
    subscribe(store)
    look(store)
    clock.advance(days=-days)
    if seen:
        look(store)
    clock.advance(seconds=1)
    assert len(mail_through(store, archive(store, "one"))) == 1


@AHEAD
def test_it_gets_it_also_when_the_time_it_was_confirmed_at_comes(
    store: Store, clock: FakeClock, days: int
) -> None:
    """What was first seen a little before that moment and is matched a little after it."""
    clock.advance(days=days)
    subscribe(store)
    put_right(store, clock, days)
    clock.advance(days=days, seconds=-10)
    item = archive(store, "one")
    clock.advance(seconds=20)
    assert len(mail_through(store, item)) == 1


def test_a_matcher_with_subscriptions_in_memory_reads_them_again_when_they_were_put_right(
    store: Store, clock: FakeClock
) -> None:
    clock.advance(days=3)
    subscribe(store)
    matcher = Matcher(store)
    matcher.handle(records(archive(store, "read them")))
    put_right(store, clock, 3)
    clock.advance(days=3, seconds=-10)
    item = archive(store, "one")
    clock.advance(seconds=20)
    matcher.handle(records(item))
    assert [row.item_id for row in all_matches(store)] == ["read them", "one"]


@AHEAD
def test_an_instant_mail_of_a_clock_ahead_goes_at_once(store: Store, clock: FakeClock, days: int) -> None:
    subscribe(store)
    clock.advance(days=days)
    match(store, archive(store, "one"))
    assign_all(store)
    put_right(store, clock, days)
    assert len(deliver_all(store)) == 1


def test_an_instant_mail_of_a_clock_some_hours_ahead_goes_at_once(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    clock.advance(hours=5)
    match(store, archive(store, "one"))
    assign_all(store)
    put_right(store, clock, 5 / 24)
    assert len(deliver_all(store)) == 1


@AHEAD
def test_a_retry_comes_after_its_pause(store: Store, clock: FakeClock, days: int) -> None:
    subscribe(store)
    clock.advance(days=days)
    match(store, archive(store, "one"))
    assign_all(store)
    refusing = deliverer(store, ScriptedSender(Refused(About.MAILBOX_LATER, "450 4.2.0 busy")))
    refusing.step()
    put_right(store, clock, days)
    clock.advance(minutes=10)
    assert len(deliver_all(store)) == 1


@AHEAD
def test_a_delivery_that_is_put_off_for_longer_than_ever_is_due(store: Store, clock: FakeClock, days: int) -> None:
    """Whoever wrote it: nobody has to look at a clock for that."""
    subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    move(store, due_at=clock.now() + timedelta(days=days))
    assert len(deliver_all(store)) == 1


@AHEAD
def test_a_claim_on_a_delivery_by_a_clock_ahead_expires_in_its_time(
    store: Store, clock: FakeClock, days: int
) -> None:
    """Not at once: its holder may be at work."""
    subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    clock.advance(days=days)
    assert claims.claim(store, "elsewhere") is not None
    clock.advance(days=-days)
    assert deliver_all(store) == []
    clock.advance(seconds=claims.CLAIM.total_seconds() - 5)
    assert deliver_all(store) == []
    clock.advance(seconds=10)
    assert len(deliver_all(store)) == 1
    assert [mail.unknown for mail in ledger(store)] == [1]


@AHEAD
def test_the_limit_of_instant_mails_counts_none_of_the_future(store: Store, clock: FakeClock, days: int) -> None:
    subscribe(store)
    clock.advance(days=days)
    assert len(mail_through(store, *(archive(store, f"early{n}") for n in range(12)))) == 10
    clock.advance(minutes=2)
    assert len(deliver_all(store)) == 1  # the two that were over, as a bundle
    clock.advance(days=-days)  # and nobody has put anything right
    assert len(mail_through(store, *(archive(store, f"late{n}") for n in range(3)))) == 3


@AHEAD
def test_what_waits_for_a_bundle_of_the_future_does_not_wait_for_its_time(
    store: Store, clock: FakeClock, days: int
) -> None:
    subscribe(store)
    clock.advance(days=days)
    assert len(mail_through(store, *(archive(store, f"early{n}") for n in range(12)))) == 10
    clock.advance(days=-days)  # and nobody has put anything right
    assert len(deliver_all(store)) == 2


@AHEAD
@pytest.mark.parametrize("every", ["daily", "weekly"])
def test_a_digest_goes_at_its_next_slot_by_the_right_time(
    store: Store, clock: FakeClock, days: int, every: str
) -> None:
    """It is Monday, a little after nine; slots are at seven in Berlin."""
    subscribe(store, every=every)
    clock.advance(days=days)
    match(store, archive(store, "one"))
    assign_all(store)
    put_right(store, clock, days)
    assert deliver_all(store) == []
    clock.advance(**({"days": 1} if every == "daily" else {"days": 7}), hours=-3.2)
    assert deliver_all(store) == []
    clock.advance(hours=0.5)
    assert len(deliver_all(store)) == 1


def test_a_digest_that_went_too_early_by_a_clock_ahead_takes_no_later_day(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="daily")
    match(store, archive(store, "one"))
    assign_all(store)
    clock.advance(days=3)
    assert len(deliver_all(store)) == 1  # the digest of Thursday, on a Monday
    put_right(store, clock, 3)
    got = []
    for day in range(1, 6):
        match(store, archive(store, f"of day {day}"))
        assign_all(store)
        clock.advance(days=1)
        got.append(len(deliver_all(store)))
    assert got == [1, 1, 1, 1, 1]


@AHEAD
def test_wishes_and_people_expire_by_the_right_time(store: Store, clock: FakeClock, days: int) -> None:
    ask(store, "fragt@example.org")
    clock.advance(days=days)
    ask(store, "wartet@example.org")
    left = subscribe(store, LESER)
    end(store, left.id)
    put_right(store, clock, days)
    assert addresses(store) == ["fragt@example.org", LESER, "wartet@example.org"]
    clock.advance(days=8)
    purge(store)
    assert addresses(store) == [LESER]
    clock.advance(days=21)
    purge(store)
    assert addresses(store) == []


@AHEAD
def test_a_wish_of_a_clock_ahead_does_not_stand_in_the_way_of_the_next(
    store: Store, clock: FakeClock, days: int
) -> None:
    clock.advance(days=days)
    ask(store)
    put_right(store, clock, days)
    clock.advance(hours=25)
    ask(store, query="theme:health")
    with store.reading() as session:
        assert len(session.exec(select(SubscriptionRow)).all()) == 2


def move(store: Store, **columns: datetime) -> None:
    with store.writing() as session:
        session.execute(update(DeliveryRow).values(**columns))


def end(store: Store, subscription: str) -> None:
    with store.writing() as session:
        row = session.get_one(SubscriptionRow, subscription)
        lifecycle.end(session, [row], store.now(session), keys=KEYS, reason="left", origin="test")


def purge(store: Store) -> None:
    with store.writing() as session:
        people.purge(session, store.now(session), keys=KEYS)


def addresses(store: Store) -> list[str]:
    with store.reading() as session:
        return [person.address for person in people.everybody(session)]
