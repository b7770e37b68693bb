"""What operators are told while the relay takes nothing: whose limit it is, and nothing that is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifier.outcomes import Outcome, Refused
from services.notifier.refusals import About, Phase
from shared.store import Store
from shared.telemetry.facts import Facts, Watched
from shared.telemetry.findings import findings, red
from shared.telemetry.notices import notices
from shared.telemetry.queries import last_sent, unsent
from tests.fakes import FakeClock, a_store
from tests.mailing import ScriptedSender, archive, assign_all, deliverer, match, subscribe

STORAGE = Refused(About.LIMIT, "452 4.3.1 Insufficient system storage", Phase.MAIL)
TOO_MUCH = Refused(About.LIMIT, "450 4.7.1 Error: too much mail from 192.0.2.1", Phase.MAIL)
REJECTED = Refused(About.US, "554 5.7.1 sender rejected", Phase.MAIL)
SILENT = Refused(About.CONNECTION, "the mail relay relay:25 broke off: TimeoutError: timed out", Phase.MAIL)
LATER = Refused(About.MAIL_LATER, "451 4.4.1 please try again later", Phase.END)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """Three readers of one story."""
    opened = a_store(tmp_path, clock)
    for name in ("anna", "bert", "cora"):
        subscribe(opened, f"{name}@example.org")
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def told(store: Store) -> list[str]:
    """The findings about mails, red ones in capitals."""
    with store.reading() as session:
        now = store.now(session)
        facts = Facts(
            now,
            watched=(Watched("inria", "ok"),),
            unsent=unsent(session, now),
            last_sent=last_sent(session),
            notices=notices(session),
        )
    return [each.id.upper() if red([each]) else each.id for each in findings(facts)]


def relay(store: Store, clock: FakeClock, answers: list[Outcome], hours: float) -> list[str]:
    """Ask for so long, with the last answer given for ever."""
    sender = ScriptedSender(*answers, *[answers[-1]] * 2000)
    one = deliverer(store, sender)
    for _ in range(int(hours * 60)):
        while one.step():
            pass
        clock.advance(minutes=1)
    return told(store)


def test_a_relay_that_names_its_limit_may_let_mails_wait_for_its_day(store: Store, clock: FakeClock) -> None:
    assert relay(store, clock, [TOO_MUCH], 2) == ["relay.limit"]


def test_one_that_names_none_and_takes_nothing_for_an_hour_is_red(store: Store, clock: FakeClock) -> None:
    assert relay(store, clock, [STORAGE], 0.5) == ["relay.limit"]
    assert relay(store, clock, [STORAGE], 0.6) == ["MAILS.OVERDUE", "relay.limit"]


def test_mails_that_are_all_put_off_after_their_last_dot_are_red_though_each_try_is_to_come(
    store: Store, clock: FakeClock
) -> None:
    assert relay(store, clock, [LATER], 0.3) == ["MAILS.OVERDUE"]


def test_a_relay_that_says_nothing_is_at_no_limit(store: Store, clock: FakeClock) -> None:
    assert relay(store, clock, [SILENT], 0.3) == ["MAILS.OVERDUE", "relay.limit"]


def test_a_refusal_about_us_takes_the_place_of_a_limit(store: Store, clock: FakeClock) -> None:
    assert relay(store, clock, [TOO_MUCH, REJECTED], 0.1) == ["RELAY.REFUSES"]
