"""Many readers at once: they wait for one another, and the pipeline in the same process does not wait for them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from services.portal.app import CONNECTIONS, THREADS, build
from services.portal.server import MANY
from services.portal.server import Portal as Service
from shared.store import Store
from tests.pipeline.harness import wait_until
from tests.unit.portal.site import Portal, a_portal

READERS: Final = 50
SLOW: Final = "/a/slow/page/here"  # of no pattern of the portal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = a_portal(tmp_path, http="127.0.0.1:0")
    yield portal
    portal.bus.close()
    portal.store.close()


@pytest.fixture
def service(portal: Portal) -> Iterator[Service]:
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    yield service
    service.stop(10)


def ask(service: Service, path: str) -> int:
    connection = HTTPConnection(*service.address, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def pool(store: Store) -> QueuePool:
    found = store.engine.pool
    assert isinstance(found, QueuePool)
    return found


def a_slow_page(portal: Portal) -> tuple[Callable[[], int], threading.Event]:
    """A page that holds a session until it is told to end; how many are being made; the word."""
    site, ending = portal.app.state.site, threading.Event()
    count = [0]
    lock = threading.Lock()

    def page() -> str:
        with site.store.reading() as session:
            session.execute(text("SELECT 1"))
            with lock:
                count[0] += 1
            ending.wait(30)
            with lock:
                count[0] -= 1
        return "ok"

    portal.app.add_api_route(SLOW, page)
    return lambda: count[0], ending


def test_fifty_slow_readers_take_neither_connections_nor_writes_from_the_pipeline(
    portal: Portal, tmp_path: Path
) -> None:
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    portal.app = service.app
    making, ending = a_slow_page(portal)
    service.start()
    readers = portal.app.state.site.store
    try:
        with ThreadPoolExecutor(READERS) as crowd:
            asked = [crowd.submit(ask, service, SLOW) for _ in range(READERS)]
            wait_until(lambda: making() == THREADS, 20, "the threads to be busy")
            assert ask(service, "/healthz") == 200, "the process lives, whoever waits for a page"
            assert pool(readers).checkedout() == THREADS
            assert pool(portal.store).checkedout() == 0
            sessions = [portal.store.reading() for _ in range(10)]
            for session in sessions:
                session.__enter__().execute(text("SELECT 1"))
            portal.subscribed()  # a write
            for session in sessions:
                session.__exit__(None, None, None)
            ending.set()
            assert [one.result() for one in asked] == [200] * READERS
    finally:
        ending.set()
        service.stop(10)
    assert pool(readers).size() + CONNECTIONS.more <= 2 * THREADS


def test_what_many_readers_left_is_let_go_when_nobody_asks_any_more(portal: Portal, service: Service) -> None:
    readers = pool(portal_store(service))
    for _ in range(MANY + 1):
        assert ask(service, "/de/") == 200
    kept = pool(portal_store(service)).checkedin()
    assert kept > 0
    look = service.loops[1].turn
    look()
    look()
    assert pool(portal_store(service)) is not readers
    assert pool(portal_store(service)).checkedin() == 0
    assert ask(service, "/de/") == 200, "the next reader opens its own"
    look()
    look()
    assert pool(portal_store(service)).checkedin() > 0, "a few answers are no reason to tidy up"


def portal_store(service: Service) -> Store:
    store: Store = service.app.state.site.store
    return store


def test_the_portals_connections_end_with_the_store_that_they_are_of(portal: Portal) -> None:
    assert portal.get("/de/").status_code == 200
    readers = portal.app.state.site.store
    before = pool(readers)
    assert before.checkedin() > 0
    portal.store.close()
    assert before.checkedin() == 0


def test_a_write_that_failed_in_the_pipeline_is_known_to_the_portal(portal: Portal) -> None:
    with pytest.raises(Exception, match="no such table"), portal.store.writing() as session:
        session.execute(text("INSERT INTO nowhere VALUES (1)"))
    assert portal.get("/readyz").status_code == 503
    portal.subscribed()
    assert portal.get("/readyz").status_code == 200
