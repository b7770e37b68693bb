"""Several instances share the work: nobody does what another does, and who comes too late overwrites nothing."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import SQLModel, update

from services.collector.dispatch import Dispatcher
from services.collector.poll import Poller
from services.collector.record import Status
from services.collector.robots import Robots
from services.notifier import claims as deliveries
from services.notifier.outcomes import Dropped, Sent
from services.notifier.smtp import SmtpRelay
from shared.bus.sqlite import SqliteBus
from shared.clock import Clock, SystemClock
from shared.config import Settings
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due
from shared.sources.store import add_source
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import State
from shared.web.client import WebClient
from tests.fakes import FakeClock
from tests.mailing import KEYS, archive, assign_all, deliverer, ledger, match, subscribe
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import wait_until
from tests.pipeline.mailbox import Mailbox
from tests.servers import FeedServer

SETTINGS = Settings(allowed_networks=(ip_network("127.0.0.0/8"),))
INTERVAL = 1  # seconds between two polls of a source
SOURCES = 6
MAILS = 30


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "bus.db")
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        for number in range(SOURCES):
            server.serve(f"/{number}.xml", rss([Entry(f"e{number}", f"Meldung {number}", "Neues.", now())]))
        yield server


@pytest.fixture
def instances(store: Store, bus: SqliteBus) -> Iterator[Callable[..., Dispatcher]]:
    """Collectors as processes of their own would be: each with its own way into the store."""
    opened: list[tuple[Store, Dispatcher]] = []

    def instance(name: str, clock: Clock | None = None) -> Dispatcher:
        own, web = Store(store.url), WebClient(SETTINGS, clock or SystemClock())
        poller = a_poller(own, bus, clock or SystemClock())
        opened.append((own, Dispatcher(own, poller, web, f"{name}.collector", 8)))
        return opened[-1][1]

    yield instance
    for own, dispatcher in opened:
        dispatcher.close()
        own.close()


def a_poller(store: Store, bus: SqliteBus, clock: Clock) -> Poller:
    web = WebClient(SETTINGS, clock)
    return Poller(store, bus, web, Robots(web, clock), clock, min_interval=INTERVAL)


def add_sources(store: Store, site: FeedServer, count: int = SOURCES) -> None:
    with store.writing() as session:
        for n in range(count):
            block = {"id": f"s{n}", "kind": "feed", "url": site.url(f"/{n}.xml"), "interval": INTERVAL}
            add_source(session, source_config(block, "test"), store.now(session))


def the_source(store: Store) -> SourceRow:
    with store.reading() as session:
        return session.get_one(SourceRow, "s0")


def expire(store: Store, table: type[SQLModel]) -> None:
    """The time of every claim is over."""
    with store.writing() as session:
        session.execute(update(table).values(claimed_until=store.now(session) - timedelta(seconds=1)))


def all_at_once(*work: Callable[[], object]) -> None:
    """Do it in threads, and raise what one of them raised."""
    errors: list[BaseException] = []

    def guarded(do: Callable[[], object]) -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


# Collectors


def test_three_collectors_poll_no_source_twice_within_its_interval(
    store: Store, site: FeedServer, instances: Callable[..., Dispatcher]
) -> None:
    add_sources(store, site)
    enough = threading.Event()
    handed: dict[str, int] = {}

    def run(name: str) -> None:
        dispatcher = instances(name)
        while not enough.wait(0.02):
            handed[name] = handed.get(name, 0) + dispatcher.step()

    def watch() -> None:
        try:
            wait_until(lambda: min(polls_of(site)) >= 4, 45, "four polls of every source")
        finally:
            enough.set()

    all_at_once(watch, *(lambda name=name: run(name) for name in ("one", "two", "three")))
    for number in range(SOURCES):
        times = [request.at for request in site.asked(f"/{number}.xml")]
        assert min(later - earlier for earlier, later in pairwise(times)) > INTERVAL * 0.9
    assert sum(1 for steps in handed.values() if steps) >= 2  # they shared it


def polls_of(site: FeedServer) -> Sequence[int]:
    return [len(site.asked(f"/{number}.xml")) for number in range(SOURCES)]


def test_what_a_dead_collector_held_is_taken_over_when_its_claim_expires_by_database_time(
    store: Store, bus: SqliteBus, site: FeedServer, instances: Callable[..., Dispatcher]
) -> None:
    add_sources(store, site, 1)
    with store.writing() as session:
        (held,) = claim_due(session, store.now(session), owner="dead.collector", limit=1)
    fast = FakeClock(store.clock.now() + timedelta(hours=9))  # its machine's clock is wrong
    other = instances("other", fast)
    assert not other.step()
    expire(store, SourceRow)
    wait_until(lambda: (other.step(), the_source(store).polls)[1] == 1, 20, "the poll of the other")
    taken_over = the_source(store)
    assert taken_over.claim_token is None
    assert a_poller(store, bus, SystemClock()).poll_one(held) is Status.LOST  # it was not dead, only slow
    assert the_source(store).model_dump() == taken_over.model_dump()


def test_the_result_of_a_slow_collector_does_not_end_the_claim_of_another(
    store: Store, bus: SqliteBus, site: FeedServer
) -> None:
    add_sources(store, site, 1)
    with store.writing() as session:
        (slow,) = claim_due(session, store.now(session), owner="slow", limit=1)
    expire(store, SourceRow)
    with store.writing() as session:
        (ours,) = claim_due(session, store.now(session), owner="quick", limit=1)
    assert a_poller(store, bus, SystemClock()).poll_one(slow) is Status.LOST
    assert (the_source(store).claim_token, the_source(store).polls) == (ours.token, 0)


# Notifiers


def test_two_notifiers_send_every_delivery_once(store: Store) -> None:
    wait_for_delivery(store, MAILS)
    stores = [Store(store.url) for _ in range(2)]
    begin = threading.Barrier(len(stores))
    with Mailbox() as mailbox:

        def run(own: Store, name: str) -> None:
            one = deliverer(own, SmtpRelay(mailbox.url), instance=name)
            begin.wait(20)
            while one.step():
                pass

        all_at_once(*(lambda own=own, n=n: run(own, f"n{n}") for n, own in enumerate(stores)))
    for own in stores:
        own.close()
    assert len(mailbox.mails) == len({mail["Message-ID"] for mail in mailbox.mails}) == MAILS
    assert {(mail.state, mail.unknown) for mail in ledger(store)} == {(State.SENT, 0)}


def test_the_result_of_a_slow_notifier_is_not_remembered(store: Store) -> None:
    wait_for_delivery(store, 1)
    slow = deliveries.claim(store, "slow")
    expire(store, DeliveryRow)
    quick = deliveries.claim(store, "quick")
    assert slow is not None
    assert quick is not None
    deliveries.settle(store, slow, slow.claims[0], Dropped("too late"), lambda _: KEYS)
    (mail,) = ledger(store)
    assert (mail.state, mail.error) == (State.SENDING, "the claim expired while it was sending")
    deliveries.settle(store, quick, quick.claims[0], Sent(), lambda _: KEYS)
    deliveries.settle(store, slow, slow.claims[0], Dropped("far too late"), lambda _: KEYS)
    (mail,) = ledger(store)
    assert (mail.state, mail.unknown, mail.error) == (State.SENT, 1, "")


def test_a_start_expires_the_claims_of_its_own_name_alone(store: Store) -> None:
    wait_for_delivery(store, 1)
    assert deliveries.claim(store, "one") is not None
    assert deliveries.recover(store, "two") == 0
    assert deliveries.recover(store, "one") == 1


def wait_for_delivery(store: Store, count: int) -> None:
    """So many mails are due."""
    subscribe(store)
    match(store, *(archive(store, f"i{n}") for n in range(count)))
    assign_all(store, per_hour=0)
    assert len(ledger(store)) == count
