"""Digests by the hour and zone of each subscription, quiet hours and pauses, as they leave. On both databases."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlmodel import select

from services.notifier.assign import assign
from shared.store import Store
from shared.subscriptions.tables import DigestRunRow, SubscriptionRow
from tests.fakes import FakeClock
from tests.mailing import archive, assign_all, deliver_all, match, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))  # a Tuesday


def choose(store: Store, subscription: str, **options: object) -> None:
    with store.writing() as session:
        row = session.get_one(SubscriptionRow, subscription)
        for name, value in options.items():
            setattr(row, name, value)
        session.add(row)


def hours_with_mail(store: Store, clock: FakeClock, hours: int) -> list[datetime]:
    """Looks every hour, as an installation that is up does."""
    found = []
    for _ in range(hours):
        clock.advance(hours=1)
        found += [clock.now()] * len(deliver_all(store))
    return found


def runs(store: Store) -> list[tuple[str, str]]:
    with store.reading() as session:
        rows = session.exec(select(DigestRunRow)).all()
        return sorted((row.local_date.isoformat(), row.slot) for row in rows)


def test_two_subscriptions_of_one_person_have_their_own_hours(store: Store, clock: FakeClock) -> None:
    subscribe(store, query="title:one", every="daily")
    evening = subscribe(store, query="title:two", every="daily").id
    choose(store, evening, hour=18, zone="America/Cayenne")
    match(store, archive(store, "one"), archive(store, "two"))
    sent = hours_with_mail(store, clock, 30)
    assert sent == [datetime(2026, 3, 3, 21, tzinfo=UTC), datetime(2026, 3, 4, 6, tzinfo=UTC)]
    assert runs(store) == [("2026-03-03", "18:00 America/Cayenne"), ("2026-03-04", "07:00")]


def test_nothing_is_mailed_in_a_pause_and_all_of_it_afterwards(store: Store, clock: FakeClock) -> None:
    subscription = subscribe(store, every="instant").id
    choose(store, subscription, paused_until=clock.now() + timedelta(days=2), strength="more")
    match(store, archive(store, "one"), archive(store, "two"))
    assert hours_with_mail(store, clock, 47) == []
    (mail,) = [mail for _ in range(2) if (clock.advance(hours=1) and True) for mail in deliver_all(store)]
    assert "Meldung one" in mail.text
    assert "Meldung two" in mail.text


def test_the_night_is_quiet_and_the_morning_brings_one_bundle(store: Store, clock: FakeClock) -> None:
    subscription = subscribe(store, every="instant").id
    choose(store, subscription, quiet_from=22, quiet_until=7, strength="more")
    clock.advance(hours=14)  # 23:00 UTC, midnight in Berlin
    match(store, archive(store, "one"), archive(store, "two"))
    assert hours_with_mail(store, clock, 9) == [datetime(2026, 3, 4, 6, tzinfo=UTC)]


def test_what_has_to_wait_for_a_week_beside_a_pause_keeps_nobody_busy(store: Store, clock: FakeClock) -> None:
    daily = subscribe(store, query="title:one", every="daily").id
    subscribe(store, query="Meldung", every="weekly")
    match(store, archive(store, "one"))
    choose(store, daily, paused_until=clock.now() + timedelta(days=30))
    assert assign(store, 10)
    assert not assign(store, 10)  # it is put off: nothing is left to look at
    assert hours_with_mail(store, clock, 24 * 7) == [datetime(2026, 3, 9, 6, tzinfo=UTC)]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Miquelon", "America/Cayenne", "Pacific/Noumea"])
def test_two_workers_and_an_outage_over_the_clock_change_make_one_digest_a_slot(
    store: Store, clock: FakeClock, zone: str
) -> None:
    clock.advance(days=22)  # the Wednesday before the last Sunday of March
    subscription = subscribe(store, every="daily").id
    choose(store, subscription, hour=2, zone=zone)
    mails = 0
    for number in range(8):
        match(store, archive(store, f"item{number}"))
        # hour by hour through the night of the change; the day after nobody looks but at its end
        hours = {3: 1, 4: 24}.get(number, 6)
        for _ in range(24 // hours):
            clock.advance(hours=hours)
            workers = [Thread(target=assign_all, args=(store,)) for _ in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            mails += len(deliver_all(store))
    found = runs(store)
    assert len(found) == len(set(found)) == mails == 8
