"""A relay that was set and is not any more: mails wait, and nobody calls files sent, but who says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifier.senders import deliveries
from services.notifier.unset import UNSET, look_for_relay
from shared.config import Settings
from shared.runtime import Loop
from shared.store import Store
from shared.subscriptions.keyring import made_keys
from shared.subscriptions.words import State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices, withdraw
from tests.fakes import a_store
from tests.keeping import keeper_of
from tests.mailing import archive, assign_all, ledger, match, subscribe

RELAY = "smtp://relay.example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One mail is due."""
    opened = a_store(tmp_path)
    subscribe(opened)
    match(opened, archive(opened, "one"))
    assign_all(opened)
    yield opened
    opened.close()


def start(store: Store, folder: Path, smtp_url: str = "") -> Loop:
    """What sends, as of a start with these settings."""
    settings = Settings(data_dir=folder, smtp_url=smtp_url)
    with store.writing() as session:
        made_keys(session, settings)
        look_for_relay(session, settings, store.now(session))
    return deliveries(settings, store, keeper_of(store, folder / "journal"), 1.0)[0]


def said(store: Store) -> list[tuple[str, Weight]]:
    with store.reading() as session:
        return [(notice.key, notice.weight) for notice in notices(session)]


def state(store: Store) -> State:
    return ledger(store)[0].state


def test_who_never_had_a_relay_gets_files(store: Store, tmp_path: Path) -> None:
    start(store, tmp_path).turn()
    assert (state(store), said(store)) == (State.SENT, [])


def test_mails_wait_where_a_relay_is_set_no_more_until_it_is_again(store: Store, tmp_path: Path) -> None:
    start(store, tmp_path, RELAY)
    loop = start(store, tmp_path)
    loop.turn()
    assert (state(store), said(store)) == (State.PENDING, [(UNSET, Weight.RED)])
    assert "VIGIE_SMTP_URL" in (loop.health().error or "")
    start(store, tmp_path, RELAY)
    assert said(store) == []


def test_whoever_clears_the_notice_wants_files_from_now_on(store: Store, tmp_path: Path) -> None:
    start(store, tmp_path, RELAY)
    loop = start(store, tmp_path)
    with store.writing() as session:
        withdraw(session, UNSET)
    loop.turn()
    assert state(store) is State.SENT
    start(store, tmp_path)
    assert said(store) == []
