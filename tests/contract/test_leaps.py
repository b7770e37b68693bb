"""After a leap of the clock nothing goes and nobody is mailed because time has passed, until it is believed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import select

from services.notifier.app import purge_once
from shared.config import Settings
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.tables import DeliveryRow, SubscriptionRow
from shared.subscriptions.words import Kind
from shared.telemetry.leaps import LEAPT, if_believed
from shared.telemetry.notices import notices, withdraw
from tests.fakes import FakeClock
from tests.mailing import KEYS, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def purge(store: Store, folder: Path) -> None:
    purge_once(Settings(data_dir=folder), store)


def said(store: Store) -> Sequence[str]:
    with store.reading() as session:
        return [notice.key for notice in notices(session)]


def mails(store: Store) -> Sequence[Kind]:
    with store.reading() as session:
        return [row.kind for row in session.exec(select(DeliveryRow)).all()]


def wishes(store: Store) -> int:
    with store.reading() as session:
        return len(session.exec(select(SubscriptionRow)).all())


def with_a_reader_and_a_wish(store: Store, folder: Path) -> None:
    subscribe(store)
    with store.writing() as session:
        lifecycle.request(session, store.now(session), "neu@example.org", "theme:ai", "daily", "de", keys=KEYS)
    purge(store, folder)
    assert wishes(store) == 2


def test_years_ahead_nobody_is_asked_and_nothing_goes_and_all_goes_on_when_it_is_put_right(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    with_a_reader_and_a_wish(store, tmp_path)
    clock.advance(days=3650)
    purge(store, tmp_path)
    purge(store, tmp_path)
    assert (said(store), Kind.KEEP in mails(store), wishes(store)) == ([LEAPT], False, 2)
    assert not if_believed(store, lambda: True)
    clock.advance(days=-3650)
    purge(store, tmp_path)
    assert (said(store), wishes(store)) == ([], 2)
    clock.advance(days=7)
    purge(store, tmp_path)
    assert wishes(store) == 1, "a wish that nobody confirmed goes as ever"


def test_when_an_operator_has_said_that_it_is_right_all_is_as_old_as_it_says(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    with_a_reader_and_a_wish(store, tmp_path)
    clock.advance(days=3650)
    purge(store, tmp_path)
    with store.writing() as session:
        withdraw(session, LEAPT)
    purge(store, tmp_path)
    assert (said(store), Kind.KEEP in mails(store), wishes(store)) == ([], True, 1)
    assert if_believed(store, lambda: True)


def test_a_second_leap_is_asked_about_as_the_first_was(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    with_a_reader_and_a_wish(store, tmp_path)
    for _ in range(2):
        clock.advance(days=30)
        purge(store, tmp_path)
        assert said(store) == [LEAPT]
        with store.writing() as session:
            withdraw(session, LEAPT)
        purge(store, tmp_path)
        assert said(store) == []
