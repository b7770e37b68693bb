"""A relay that takes connections and does not greet is said within two minutes; once it greets, no more."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifier.greeting import LONG, QUIET, Greetings
from services.notifier.smtp import SmtpRelay
from shared.store import Store
from shared.telemetry.facts import Notice, Weight
from shared.telemetry.notices import notices
from tests.fakes import FakeClock, a_store
from tests.pipeline.harness import wait_until
from tests.unit.notifier.letters import a_letter, composed
from tests.unit.notifier.scripted import ScriptedRelay


@dataclass
class Waiting:
    """A relay as it is looked at."""

    place: str = "the mail relay mail.example.org:25"
    awaited_since: float | None = None
    greeted: float = float("-inf")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = a_store(tmp_path, clock)
    yield opened
    opened.close()


class Looking:
    """Time that goes on in the store and in the process."""

    def __init__(self, store: Store, clock: FakeClock, *relays: Waiting) -> None:
        self._store, self._clock, self.at = store, clock, 1000.0
        self.greetings = Greetings(store, relays, monotonic=lambda: self.at)

    def after(self, seconds: float) -> Notice | None:
        self.at += seconds
        self._clock.advance(seconds=seconds)
        self.greetings.look()
        with self._store.reading() as session:
            return next(iter(notices(session)), None)


def test_it_is_said_with_its_address_and_since_when_and_taken_back_when_it_greets(
    store: Store, clock: FakeClock
) -> None:
    begun, one, other = clock.now(), Waiting(awaited_since=1000.0), Waiting()
    looking = Looking(store, clock, one, other)
    assert looking.after(LONG - 1) is None
    said = looking.after(2)
    assert said is not None
    assert (said.weight, said.since) == (Weight.RED, begun)
    assert "mail.example.org:25" in said.reason
    assert "VIGIE_SMTP_URL" in said.remedy
    one.awaited_since = None  # its patience is over, and it tries again
    assert looking.after(10) is not None
    one.awaited_since = looking.at
    again = looking.after(10)
    assert again is not None
    assert again.since == begun
    one.awaited_since, one.greeted = None, looking.at
    assert looking.after(1) is None


def test_a_connection_of_which_others_were_greeted_meanwhile_counts_from_there(
    store: Store, clock: FakeClock
) -> None:
    one, other = Waiting(awaited_since=1000.0), Waiting()
    looking = Looking(store, clock, one, other)
    for _ in range(5):
        other.greeted = looking.at + LONG - 5
        assert looking.after(LONG - 2) is None
    assert looking.after(LONG) is not None


def test_what_nobody_waits_for_any_more_is_taken_back_and_what_a_former_process_said(
    store: Store, clock: FakeClock
) -> None:
    one = Waiting(awaited_since=1000.0)
    looking = Looking(store, clock, one)
    assert looking.after(LONG) is not None
    one.awaited_since = None
    assert looking.after(QUIET - 1) is not None
    assert looking.after(2) is None
    one.awaited_since = looking.at
    assert looking.after(LONG) is not None
    assert Looking(store, clock, Waiting()).after(1) is None


def test_a_relay_knows_since_when_its_greeting_is_awaited() -> None:
    greet = threading.Event()

    def late(command: str, _rest: str) -> None:
        if command == "":
            greet.wait(60)

    with ScriptedRelay(late) as scripted:
        relay, begun = SmtpRelay(scripted.url), time.monotonic()
        sending = threading.Thread(target=relay.send, args=(composed(a_letter()),))
        sending.start()
        wait_until(lambda: relay.awaited_since is not None, 10, "it waits")
        assert begun <= (relay.awaited_since or 0.0) <= time.monotonic()
        assert relay.greeted < begun
        greet.set()
        sending.join()
        assert relay.awaited_since is None
        assert relay.greeted > begun
        relay.rest()


def test_since_when_is_told_by_the_clock_of_the_store(store: Store, clock: FakeClock) -> None:
    looking = Looking(store, clock, Waiting(awaited_since=1000.0))
    said = looking.after(300)
    assert said is not None
    assert said.since == clock.now() - timedelta(seconds=300)
