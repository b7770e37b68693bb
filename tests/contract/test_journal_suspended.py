"""A restored store knows who was suspended since, and who was resumed."""

from contextlib import closing
from pathlib import Path

import pytest

from shared.store import Store
from shared.subscriptions import people
from shared.subscriptions.suspensions import bounced, lift
from shared.subscriptions.version import changing
from tests.fakes import FakeClock
from tests.keeping import copy_of, news, send_all
from tests.mailing import KEYS, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_who_was_suspended_after_the_backup_is_suspended_again_and_who_was_resumed_is_not(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    journal = tmp_path / "journals" / "one"
    for name in ("bleibt", "tot", "wieder"):
        subscribe(store, f"{name}@example.org")
    with closing(copy_of(store, tmp_path / "copies", clock)) as backup:
        said = {"code": "5.1.1", "reason": "550 5.1.1 unknown", "permanent": True, "origin": "relay"}
        with changing(store) as session:
            for name in ("tot", "wieder"):
                person = people.find(session, f"{name}@example.org").id
                assert bounced(session, person, clock.now(), keys=KEYS, delivery=name, **said)
            lift(session, person, clock.now(), keys=KEYS, origin="cli", reason="resumed")
        assert send_all(store, journal) == []
        news(backup, "one", clock)
        assert sorted(send_all(backup, journal)) == ["bleibt@example.org", "wieder@example.org"]
        with backup.reading() as session:
            assert people.find(session, "tot@example.org").suspension is not None


def test_who_was_resumed_while_no_notifier_ran_is_not_suspended_again_at_its_start(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    journal = tmp_path / "journals" / "one"
    subscribe(store)
    about = {"code": "5.1.1", "reason": "unknown", "permanent": True, "origin": "relay"}
    for number in ("one", "two"):
        with changing(store) as session:
            person = people.find(session, "leser@example.org").id
            assert bounced(session, person, clock.now(), keys=KEYS, delivery=number, **about)
        assert send_all(store, journal) == []  # the journal knows it
        clock.advance(minutes=1)
        with changing(store) as session:
            lift(session, person, clock.now(), keys=KEYS, origin="cli", reason="resumed")
        news(store, number, clock)
        assert send_all(store, journal) == ["leser@example.org"]
