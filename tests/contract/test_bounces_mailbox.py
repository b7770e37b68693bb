"""The mailbox that mails come back to, on a real Dovecot: read once, left as it was, told when it cannot be."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from services.notifier.app import build
from services.notifier.bounces.mailbox import NAME, UNREAD, ReturnBox, account_of
from shared.bus.sqlite import SqliteBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.runtime import LoopService
from shared.store import Store, memos
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.suspensions import lift
from shared.subscriptions.version import changing
from shared.telemetry.notices import notices
from tests.bounced import NO_BOUNCES, SHAPES, returned
from tests.contract.test_suspensions import person
from tests.dovecot import Dovecot
from tests.fakes import a_store
from tests.mailing import archive, deliver_all, ledger, match, subscribe

UNKNOWN: Final = SHAPES["exim, unknown"][0]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


@pytest.fixture
def settings(dovecot: Dovecot, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", mailboxes=f"{NAME}={dovecot.url}", ca_file=dovecot.authority.file)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A reader got a mail."""
    opened = a_store(tmp_path / "data")
    subscribe(opened)
    match(opened, archive(opened, "one"))
    deliver_all(opened)
    yield opened
    opened.close()


def box(settings: Settings, store: Store) -> ReturnBox:
    account = account_of(settings)
    assert account is not None
    return ReturnBox(settings, store, account)


def told(store: Store) -> list[str]:
    with store.reading() as session:
        return [notice.key for notice in notices(session) if notice.key == UNREAD]


def stopped_at(store: Store) -> str:
    with store.reading() as session:
        memo = memos.read(session, NAME)
    assert memo is not None
    return memo.text


def test_what_came_back_is_read_once_and_stays_there(dovecot: Dovecot, settings: Settings, store: Store) -> None:
    with store.writing() as session:
        keys = made_keys(session, settings)
    dovecot.deliver(NO_BOUNCES["a vacation answer"].format(to="vigie@example.org").encode())
    dovecot.deliver(returned(UNKNOWN, ledger(store)[0].id, keys=keys))
    before = dovecot.files()
    assert not box(settings, store).visit()
    assert person(store).suspension is not None
    assert dovecot.files() == before
    place = stopped_at(store)
    with changing(store) as session:
        lift(session, person(store).id, store.now(session), keys=keys, origin="cli", reason="operator")
    assert not box(settings, store).visit()
    assert stopped_at(store) == place
    dovecot.number_anew()
    assert not box(settings, store).visit()
    assert stopped_at(store) != place
    assert person(store).suspension is None  # the same bounce, read again


def test_a_mailbox_that_cannot_be_read_is_told_until_it_can(settings: Settings, store: Store) -> None:
    wrong = replace(settings, mailboxes=settings.mailboxes.replace("presse:", "niemand:"))
    assert not box(wrong, store).visit()
    assert told(store) == [UNREAD]
    assert not box(settings, store).visit()
    assert told(store) == []


def test_the_notifier_reads_the_mailbox_of_that_name_and_no_other(settings: Settings, store: Store) -> None:
    bus = SqliteBus(settings.data_dir / "bus.db", SystemClock())
    names = []
    for mailboxes in (settings.mailboxes, settings.mailboxes.removeprefix(f"{NAME}="), ""):
        service = build(replace(settings, mailboxes=mailboxes), store, bus, SystemClock())
        assert isinstance(service, LoopService)
        names.append("notifier.bounces" in service.health())
    bus.close()
    assert names == [True, False, False]
