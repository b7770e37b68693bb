"""A stop does not wait for a relay, and several senders do not wait for one slow mail."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifier.app import open_keeper
from services.notifier.senders import SENDERS, deliveries
from shared.config import Settings
from shared.runtime import LoopService
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.words import State
from tests.fakes import a_store
from tests.mailing import archive, assign_all, ledger, match, subscribe
from tests.pipeline.harness import wait_until
from tests.unit.notifier.scripted import ScriptedRelay

PEOPLE = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = a_store(tmp_path)
    with opened.writing() as session:
        made_keys(session, Settings())
    for n in range(PEOPLE):
        subscribe(opened, f"leser{n}@example.org")
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def senders(store: Store, relay: ScriptedRelay) -> LoopService:
    assert store.folder is not None
    settings = Settings(data_dir=store.folder, smtp_url=relay.url, mail_from="vigie@example.org", instance="here")
    service = LoopService("notifier", deliveries(settings, store, open_keeper(settings, store), 0.2))
    service.start()
    return service


def sent(store: Store) -> int:
    return sum(mail.state is State.SENT for mail in ledger(store))


def test_a_stop_ends_within_ten_seconds_while_the_relay_thinks_about_a_mail(store: Store) -> None:
    thinking, until = threading.Event(), threading.Event()

    def script(command: str, _rest: str) -> None:
        if command == ".":
            thinking.set()
            until.wait(60)

    with ScriptedRelay(script) as relay:
        service = senders(store, relay)
        assert thinking.wait(20)
        began = time.monotonic()
        service.stop(10)
        took = time.monotonic() - began
        until.set()
    assert took < 9
    assert all(not health.alive for health in service.health().values())
    found = [(mail.state, mail.unknown) for mail in ledger(store)]
    assert set(found) <= {(State.PENDING, 0), (State.PENDING, 1)}  # in doubt is only what was handed over
    assert 1 <= found.count((State.PENDING, 1)) <= SENDERS


def test_one_mail_that_takes_long_stands_in_nobodys_way(store: Store) -> None:
    until = threading.Event()

    def script(command: str, rest: str) -> None:
        if command == "." and rest == "leser0@example.org":
            until.wait(60)

    with ScriptedRelay(script) as relay:
        service = senders(store, relay)
        wait_until(lambda: sent(store) == PEOPLE - 1, 30, "all mails but the slow one")
        until.set()
        wait_until(lambda: sent(store) == PEOPLE, 10, "the slow one")
        service.stop(10)
    assert {mail.unknown for mail in ledger(store)} == {0}
