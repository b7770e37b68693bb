"""An ended address of a feed opens in no database that is put back, and nothing is posted to an ended webhook.

Who ends one does so because of who has it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from shared.store import Store
from shared.subscriptions import moving
from shared.subscriptions.elsewhere import feeds, webhooks
from shared.subscriptions.elsewhere.tables import WebhookPostRow
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.tables import AddressChangeRow, PersonRow
from shared.subscriptions.version import changing
from tests.fakes import FakeClock
from tests.keeping import keeper_of, news, send_all
from tests.mailing import KEYS, subscribe

Copy = Callable[[], Store]
HOOK = "https://hooks.example.org/vigie"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def leads_somewhere(store: Store, token: str) -> bool:
    with store.reading() as session:
        return feeds.opened(session, token, keys=KEYS).subscription is not None


def made(store: Store, subscription: str) -> str:
    with changing(store) as session:
        webhooks.make(session, subscription, HOOK, store.now(session))
        return feeds.make(session, subscription, store.now(session), keys=KEYS)


def ended(store: Store, subscription: str) -> None:
    with changing(store) as session:
        feeds.end(session, subscription, store.now(session))
        webhooks.end(session, subscription, store.now(session))


def posted_to(store: Store, subscription: str) -> str | None:
    with store.reading() as session:
        found = webhooks.webhook_of(session, subscription)
        return found.url if found else None


def test_what_was_ended_after_the_backup_is_ended_again(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscription, other = subscribe(store), subscribe(store, "andere@example.org")
    token, kept = made(store, subscription.id), made(store, other.id)
    news(store, "one", clock)
    backup = copy()  # with a post that waits
    clock.advance(minutes=1)
    ended(store, subscription.id)
    send_all(store, journal)
    assert leads_somewhere(backup, token)
    send_all(backup, journal)
    assert not leads_somewhere(backup, token)
    assert posted_to(backup, subscription.id) is None
    assert (leads_somewhere(backup, kept), posted_to(backup, other.id)) == (True, HOOK)
    with backup.reading() as session:
        assert len(session.exec(select(WebhookPostRow)).all()) == 1  # the other's
    assert b"hooks" not in journal.read_bytes()
    assert token.encode() not in journal.read_bytes()


def test_so_is_an_address_that_another_took_the_place_of(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    subscription = subscribe(store)
    former = made(store, subscription.id)
    backup = copy()
    clock.advance(minutes=1)
    later = made(store, subscription.id)
    news(store, "one", clock)
    send_all(store, journal)
    send_all(backup, journal)
    assert not leads_somewhere(backup, former)
    assert posted_to(backup, subscription.id) is None
    send_all(store, journal)
    assert (leads_somewhere(store, later), posted_to(store, subscription.id)) == (True, HOOK)


def test_so_is_one_that_had_moved_to_another_subscription(
    store: Store, journal: Path, clock: FakeClock, copy: Copy
) -> None:
    token = made(store, subscribe(store).id)
    backup = copy()
    with changing(store) as session:
        person, now = session.exec(select(PersonRow)).one(), store.now(session)
        moving.ask(session, person, "new@example.org", now, "de")
        change = session.exec(select(AddressChangeRow)).one()
        moving.move(session, sign(KEYS, Purpose.MOVE, change.id), now, keys=KEYS)
    with store.reading() as session:
        (successor,) = (each for each in webhooks.open_webhooks(session))
    ended(store, successor)
    news(store, "one", clock)
    send_all(store, journal)
    send_all(backup, journal)
    assert not leads_somewhere(backup, token)


def test_the_journal_learns_of_an_end_while_it_runs_and_writes_each_once(
    store: Store, journal: Path, clock: FakeClock
) -> None:
    subscription = subscribe(store)
    keeper = keeper_of(store, journal)
    keeper.look()
    empty = len(journal.read_bytes().splitlines())
    made(store, subscription.id)
    clock.advance(hours=2)
    ended(store, subscription.id)
    keeper.look()
    keeper.look()
    clock.advance(hours=2)
    keeper.look()
    assert len(journal.read_bytes().splitlines()) == empty + 2
    made(store, subscription.id)
    clock.advance(hours=-5)  # it had been ahead, and was put right
    ended(store, subscription.id)
    keeper.look()
    keeper.close()
    assert len(journal.read_bytes().splitlines()) == empty + 4
