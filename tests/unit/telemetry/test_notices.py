"""Notices: raised once however often they are said, withdrawn by the stage or by a person."""

from pathlib import Path

from shared.telemetry.facts import Notice, Weight
from shared.telemetry.notices import notices, raise_notice, withdraw
from tests.fakes import FakeClock, a_store

KEY = "relay.refuses"


def test_a_notice_that_is_said_again_keeps_since_and_takes_the_new_words(tmp_path: Path) -> None:
    clock = FakeClock()
    store, began = a_store(tmp_path, clock), clock.now()
    for code in ("450", "550"):
        with store.writing() as session:
            raise_notice(session, KEY, Weight.RED, f"it said {code}", "`vigie doctor`", clock.now())
        clock.advance(minutes=5)
    with store.reading() as session:
        assert notices(session) == (Notice(KEY, Weight.RED, "it said 550", "`vigie doctor`", began),)
    store.close()


def test_a_withdrawn_notice_is_gone_and_begins_anew(tmp_path: Path) -> None:
    clock = FakeClock()
    store = a_store(tmp_path, clock)
    with store.writing() as session:
        raise_notice(session, KEY, Weight.RED, "no", "`vigie doctor`", clock.now())
    with store.writing() as session:
        assert [withdraw(session, KEY), withdraw(session, KEY)] == [True, False]
        assert notices(session) == ()
    later = clock.advance(hours=1)
    with store.writing() as session:
        raise_notice(session, KEY, Weight.RED, "no", "`vigie doctor`", later)
        assert [notice.since for notice in notices(session)] == [later]
    store.close()
