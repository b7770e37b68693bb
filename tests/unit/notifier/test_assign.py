"""Assignment over time: storms become bundles, digests come at their slot, once, and nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.tables import DigestRunRow
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, archive, deliver_all, mail_through, match, subscribe

TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(TUESDAY)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = a_store(tmp_path, clock)
    yield opened
    opened.close()


def subjects(store: Store) -> list[str]:
    return [dict(mail.headers)["Subject"] for mail in deliver_all(store)]


def test_a_storm_becomes_ten_mails_and_one_bundle(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    assert len(mail_through(store, *(archive(store, f"i{n}") for n in range(25)))) == 10
    clock.advance(seconds=9)
    assert deliver_all(store) == []
    clock.advance(seconds=1)
    (bundle,) = deliver_all(store)
    assert all(f"Meldung i{n}\n" in bundle.text for n in range(10, 25))


def test_what_comes_after_a_bundle_waits_ten_minutes_for_the_next(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    match(store, *(archive(store, f"i{n}") for n in range(12)))
    deliver_all(store)
    clock.advance(seconds=10)
    assert len(deliver_all(store)) == 1
    match(store, *(archive(store, f"j{n}") for n in range(5)))
    clock.advance(minutes=9)
    assert deliver_all(store) == []
    clock.advance(minutes=1)
    assert len(deliver_all(store)) == 1


def test_an_hour_later_mails_come_singly_again(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    mail_through(store, *(archive(store, f"i{n}") for n in range(10)))
    clock.advance(hours=1)
    assert len(mail_through(store, archive(store, "j0"), archive(store, "j1"))) == 2


def test_a_daily_digest_comes_at_seven_once_with_everything(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="daily")
    assert mail_through(store, archive(store, "one"), archive(store, "two")) == []
    clock.advance(hours=20, minutes=59)  # 06:59 in Berlin
    assert deliver_all(store) == []
    clock.advance(minutes=1)
    (digest,) = deliver_all(store)
    assert "Meldung one" in digest.text
    assert "Meldung two" in digest.text
    assert deliver_all(store) == []
    with store.reading() as session:
        (run,) = session.exec(select(DigestRunRow)).all()
    assert (run.local_date.isoformat(), run.slot) == ("2026-03-04", "07:00")


def test_a_day_without_news_brings_no_mail_and_no_run(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="daily")
    for _ in range(3):
        clock.advance(days=1)
        assert deliver_all(store) == []
    with store.reading() as session:
        assert session.exec(select(DigestRunRow)).all() == []


def test_slots_missed_while_nothing_ran_are_made_up_for_in_one_digest(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="daily")
    match(store, archive(store, "one"))
    clock.advance(days=1)
    match(store, archive(store, "two"))
    clock.advance(days=5)
    assert len(deliver_all(store)) == 1


def test_a_weekly_digest_comes_on_monday(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="weekly")
    match(store, archive(store, "one"))
    days = 0
    while not (mails := deliver_all(store)):
        clock.advance(days=1)
        days += 1
    assert (len(mails), days, clock.now().weekday()) == (1, 6, 0)


def test_a_day_has_one_digest_whatever_comes_due_after_it(store: Store, clock: FakeClock) -> None:
    weekly = subscribe(store, query="title:two", every="weekly")
    subscribe(store, query="title:one", every="daily")
    match(store, archive(store, "one"), archive(store, "two"))
    clock.advance(hours=21)
    assert len(deliver_all(store)) == 1
    with store.writing() as session:  # its match of yesterday is due now, and today's digest is out
        lifecycle.change(session, weekly.id, store.now(session), keys=KEYS, every="daily")
    assert deliver_all(store) == []
    clock.advance(days=1)
    assert len(deliver_all(store)) == 1


def test_people_do_not_share_their_hourly_number(store: Store) -> None:
    subscribe(store, "a@example.org")
    subscribe(store, "b@example.org")
    mails = mail_through(store, *(archive(store, f"i{n}") for n in range(10)))
    assert len(mails) == 20


def test_a_mail_is_written_in_the_language_of_its_subscription(store: Store) -> None:
    subscribe(store)
    with store.writing() as session:
        now = store.now(session)
        lifecycle.add_confirmed(session, now, "lecteur@example.org", "theme:energy", "instant", "fr", keys=KEYS)
    by_recipient = {mail.recipient: mail for mail in mail_through(store, archive(store, "one"))}
    assert "NOUVEAU POUR VOUS" in by_recipient["lecteur@example.org"].text
    assert "NEU FÜR SIE" in by_recipient["leser@example.org"].text


@pytest.mark.parametrize("again", [False, True], ids=["by preferences", "by subscribing again"])
@pytest.mark.parametrize(
    ("before", "after", "goes"),
    [
        ("weekly", "daily", datetime(2026, 3, 5, 6, tzinfo=UTC)),  # changed on Wednesday at noon, not at once
        ("weekly", "instant", None),
        ("daily", "weekly", datetime(2026, 3, 9, 6, tzinfo=UTC)),
        ("daily", "instant", None),
        ("instant", "daily", datetime(2026, 3, 4, 6, tzinfo=UTC)),
        ("instant", "weekly", datetime(2026, 3, 9, 6, tzinfo=UTC)),
    ],
)
def test_what_waits_in_another_mode_waits_for_the_next_slot_of_that_mode(
    store: Store, clock: FakeClock, before: str, after: str, goes: datetime | None, again: bool
) -> None:
    subscription = subscribe(store, every=before)
    match(store, archive(store, "one"))
    if before != "instant":
        assert deliver_all(store) == []  # looked at, and put off to its slot
    clock.advance(hours=26 if before == "weekly" else 2)
    if again:
        subscribe(store, every=after)
    else:
        with store.writing() as session:
            lifecycle.change(session, subscription.id, store.now(session), keys=KEYS, every=after)
    begun, mails = clock.now(), deliver_all(store)
    while not mails:
        clock.advance(hours=1)
        mails = deliver_all(store)
    assert (len(mails), clock.now()) == (1, goes or begun)
