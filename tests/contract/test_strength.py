"""Fewer, surer: what is not sure comes in the next daily digest, and is never lost."""

import pytest

from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.options import Options, Strength
from shared.subscriptions.words import Kind
from tests.archived import a_verdict
from tests.fakes import FakeClock
from tests.mailing import KEYS, LESER, archive, deliver_all, ledger, mail_through

WEAK = a_verdict(scores={"energy": 0.6, "health": 0.2}, themes=("energy",))
SURE = a_verdict(scores={"energy": 0.8, "health": 0.2}, themes=("energy",))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def subscribe(store: Store, strength: Strength, query: str = "theme:energy") -> str:
    with store.writing() as session:
        options = Options(strength=strength)
        added = lifecycle.add_confirmed(
            session, store.now(session), LESER, query, "instant", "de", keys=KEYS, options=options
        )
    return added.id


def test_fewer_brings_a_sure_tag_at_once_and_the_rest_the_next_morning(store: Store, clock: FakeClock) -> None:
    subscribe(store, Strength.FEWER)
    assert len(mail_through(store, archive(store, "sure", verdict=SURE))) == 1
    assert mail_through(store, archive(store, "weak", verdict=WEAK)) == []
    clock.advance(days=1)
    assert len(deliver_all(store)) == 1
    assert [mail.kind for mail in ledger(store)] == [Kind.DIGEST, Kind.INSTANT]


def test_more_brings_everything_at_once(store: Store) -> None:
    subscribe(store, Strength.MORE)
    assert len(mail_through(store, archive(store, "weak", verdict=WEAK))) == 1


@pytest.mark.parametrize("query", ["title:weak", "", "theme:energy OR title:weak"])
def test_words_that_an_item_meets_are_sure(store: Store, query: str) -> None:
    subscribe(store, Strength.FEWER, query)
    assert len(mail_through(store, archive(store, "weak", title="weak", verdict=WEAK))) == 1


def test_who_changes_to_more_gets_at_once_what_waited(store: Store) -> None:
    subscription = subscribe(store, Strength.FEWER)
    assert mail_through(store, archive(store, "weak", verdict=WEAK)) == []
    with store.writing() as session:
        options = Options(strength=Strength.MORE)
        lifecycle.change(session, subscription, store.now(session), keys=KEYS, options=options)
    assert [mail.kind for mail in ledger(store)] == []
    assert len(deliver_all(store)) == 1
    assert [mail.kind for mail in ledger(store)] == [Kind.INSTANT]


def test_what_waited_goes_on_waiting_where_its_hour_alone_changes(store: Store) -> None:
    subscription = subscribe(store, Strength.FEWER)
    assert mail_through(store, archive(store, "weak", verdict=WEAK)) == []
    with store.writing() as session:
        lifecycle.change(session, subscription, store.now(session), keys=KEYS, options=Options(hour=18))
    assert deliver_all(store) == []
