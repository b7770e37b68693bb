"""Notices: raised once however often they are said, withdrawn by the stage or by a person."""

import pytest

from shared.store import Store
from shared.telemetry.facts import Notice, Weight
from shared.telemetry.notices import notices, raise_notice, withdraw
from shared.telemetry.told import as_said, remedy_of
from tests.fakes import FakeClock

KEY = "relay.refuses"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_notice_that_is_said_again_keeps_since_and_takes_the_new_words(store: Store, clock: FakeClock) -> None:
    began = clock.now()
    for code in ("450", "550"):
        with store.writing() as session:
            raise_notice(session, KEY, Weight.RED, as_said(f"it said {code}"), clock.now())
        clock.advance(minutes=5)
    with store.reading() as session:
        remedy, said = remedy_of(KEY.partition(":")[0]) or "", as_said("it said 550")
        assert notices(session) == (Notice(KEY, Weight.RED, "it said 550", remedy, began, said),)


def test_a_withdrawn_notice_is_gone_and_begins_anew(store: Store, clock: FakeClock) -> None:
    with store.writing() as session:
        raise_notice(session, KEY, Weight.RED, as_said("no"), clock.now())
    with store.writing() as session:
        assert [withdraw(session, KEY), withdraw(session, KEY)] == [True, False]
        assert notices(session) == ()
    later = clock.advance(hours=1)
    with store.writing() as session:
        raise_notice(session, KEY, Weight.RED, as_said("no"), later)
        assert [notice.since for notice in notices(session)] == [later]
