"""Large documents: however many polls meet one at once, a process holds few of them; small ones never wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import pytest

from shared.web.client import WebClient
from shared.web.room import LARGE, PLACES, visit
from tests.pipeline.harness import wait_until
from tests.servers import FeedServer
from tests.unit.collector.conftest import SETTINGS

THREADS = 2 * PLACES + 2


@dataclass
class Held:
    """How many documents are held now, and the most that ever were."""

    now: int = 0
    most: int = 0
    let: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def one(self, by: int) -> None:
        with self.lock:
            self.now += by
            self.most = max(self.most, self.now)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        site.serve("/large", b"x" * (LARGE + 1))
        site.serve("/small", b"x" * LARGE)
        yield site


def fetch(site: FeedServer, held: Held, path: str) -> int:
    with visit():
        size = len(WebClient(SETTINGS, spacing=0.0).get(site.url(path)).body)
        held.one(1)
        assert held.let.wait(30)
        held.one(-1)
    return size


@pytest.mark.parametrize(("path", "most"), [("/large", PLACES), ("/small", THREADS)])
def test_a_few_large_documents_are_held_at_once_and_any_number_of_small_ones(
    site: FeedServer, path: str, most: int
) -> None:
    held = Held()
    with ThreadPoolExecutor(THREADS) as pool:
        sizes = [pool.submit(fetch, site, held, path) for _ in range(THREADS)]
        wait_until(lambda: held.now == most and len(site.asked(path)) == THREADS, 30, "all have asked")
        assert held.most == most
        held.let.set()
        assert all(size.result(30) == sizes[0].result() for size in sizes)
    assert held.most <= max(most, PLACES)


def breaks(site: FeedServer) -> None:
    with visit():
        WebClient(SETTINGS, spacing=0.0).get(site.url("/large"))
        raise ZeroDivisionError


def test_a_failed_visit_gives_its_place_back(site: FeedServer) -> None:
    for _ in range(PLACES + 1):
        with pytest.raises(ZeroDivisionError):
            breaks(site)
