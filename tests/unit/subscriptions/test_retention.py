"""What is stored about people goes when its time is over, and who heard nothing for two years is asked."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from services.notifier.app import purge_once
from services.notifier.sink import FileSink
from shared.config import Settings
from shared.store import Store
from shared.subscriptions import people, retention
from shared.subscriptions.consent import consent_of_address
from shared.subscriptions.erasure import erase_for_good, purge_for_good
from shared.subscriptions.ledger import enqueue_operator_mail
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.retention import MONTH, Retention
from shared.subscriptions.tables import DeliveryRow, SubscriptionRow
from shared.subscriptions.words import Kind
from tests.fakes import FakeClock, a_store
from tests.mailing import KEYS, LESER, archive, deliver_all, deliverer, mail_through, match, subscribe
from tests.mailing import assign_all as assign


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    with closing(a_store(tmp_path, clock)) as store:
        yield store


def keeps(store: Store) -> Sequence[DeliveryRow]:
    with store.reading() as session:
        return session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.KEEP)).all()


def going_on(store: Store) -> int:
    with store.reading() as session:
        return len([row for row in session.exec(select(SubscriptionRow)).all() if row.ended_at is None])


def test_words_of_mails_go_after_thirty_days(store: Store, clock: FakeClock) -> None:
    with store.writing() as session:
        enqueue_operator_mail(session, store.now(session), key="1", recipient=LESER, subject="s", body="words")
    deliver_all(store)
    purge_for_good(store, keys=KEYS)
    with store.reading() as session:
        assert session.exec(select(DeliveryRow.body)).one() == "words"
    clock.advance(days=30)
    purge_for_good(store, keys=KEYS)
    with store.reading() as session:
        row = session.exec(select(DeliveryRow)).one()
    assert (row.body, row.subject, row.recipient) == (None, None, None)


def test_files_of_mails_go_after_thirty_days(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    subscribe(store)
    match(store, archive(store, "one"))
    assign(store)
    one = deliverer(store, FileSink(settings.mail_dir))  # type: ignore[arg-type]
    while one.step():
        pass
    purge_once(settings, store)
    assert len(list(settings.mail_dir.iterdir())) == 1
    for _ in range(3):
        clock.advance(days=10)
        purge_once(settings, store)
    assert not list(settings.mail_dir.iterdir())


def test_the_proof_of_consent_goes_when_the_operators_law_asks_for_it_no_more(
    store: Store, clock: FakeClock
) -> None:
    subscribe(store)
    subscribe(store, "stays@example.org")
    erase_for_good(store, LESER, keys=KEYS)
    short = Retention(proof=12 * MONTH, reconfirm=None)
    clock.advance(days=360)
    purge_for_good(store, keys=KEYS, retention=short)
    with store.reading() as session:
        assert consent_of_address(session, KEYS, LESER)
    clock.advance(days=10)
    purge_for_good(store, keys=KEYS, retention=short)
    with store.reading() as session:
        assert not consent_of_address(session, KEYS, LESER)
        assert consent_of_address(session, KEYS, "stays@example.org")


def test_who_got_nothing_for_two_years_is_asked_three_times_and_then_ends(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    purge_for_good(store, keys=KEYS)
    clock.advance(days=729)
    purge_for_good(store, keys=KEYS)
    assert not keeps(store)
    clock.advance(days=3)
    for asked in (1, 2, 3):
        purge_for_good(store, keys=KEYS)
        purge_for_good(store, keys=KEYS)
        assert len(deliver_all(store)) == 1
        assert len(keeps(store)) == asked
        assert going_on(store) == 1
        clock.advance(days=14)
    purge_for_good(store, keys=KEYS)
    assert going_on(store) == 0
    clock.advance(days=29)
    purge_for_good(store, keys=KEYS)
    with store.reading() as session:
        assert people.everybody(session) == ()


def test_who_says_that_it_is_wanted_is_left_in_peace_for_two_years(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    clock.advance(days=731)
    purge_for_good(store, keys=KEYS)
    (mail,) = keeps(store)
    deliver_all(store)
    with store.writing() as session:
        token = sign(KEYS, Purpose.KEEP, f"{mail.person}-{mail.id}")
        assert retention.keep(session, token, store.now(session), keys=KEYS) == 1
    clock.advance(days=700)
    purge_for_good(store, keys=KEYS)
    assert len(keeps(store)) == 1
    assert going_on(store) == 1


def test_who_got_a_mail_is_not_asked(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    clock.advance(days=400)
    assert mail_through(store, archive(store, "one"))
    clock.advance(days=400)
    purge_for_good(store, keys=KEYS)
    assert not keeps(store)


def test_nobody_is_asked_where_the_operator_wants_it_so(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    clock.advance(days=2000)
    purge_for_good(store, keys=KEYS, retention=Retention(reconfirm=None))
    assert not keeps(store)


def test_the_settings_say_how_long() -> None:
    usual = retention.retention_of(Settings())
    assert (usual.bodies, usual.address) == (timedelta(days=30), timedelta(days=28))
    assert usual.proof == 36 * MONTH
    assert usual.reconfirm == 24 * MONTH
    assert retention.retention_of(Settings(reconfirm_months=0)).reconfirm is None
