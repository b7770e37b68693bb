"""A collector on real parts: SQLite files for store and bus, a web server on the loopback. Only time is a fake."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from services.collector.poll import Poller
from services.collector.record import Status
from services.collector.robots import Robots
from shared.bus import BULK, COLLECTED, TOPICS, Bus
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.events import decode
from shared.items import CollectedItem
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due
from shared.sources.store import SourceHealth, add_source, request_poll, source_health
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.web.client import WebClient
from tests.fakes import FakeClock, a_store
from tests.servers import FeedServer

SETTINGS = Settings(allowed_networks=(ip_network("127.0.0.0/8"),))


@dataclass
class Bench:
    """A collector on the bench: add sources, poll them, look at what was published."""

    store: Store
    bus: Bus
    clock: FakeClock
    site: FeedServer

    def add(self, id_: str = "haus", path: str = "/feed.xml", **keys: Any) -> None:
        block = {"id": id_, "kind": "feed", "url": self.site.url(path), "country": "DE", **keys}
        with self.store.writing() as session:
            add_source(session, source_config(block, "test"), self.clock.now())

    def poller(self, bus: Bus | None = None) -> Poller:
        web = WebClient(SETTINGS, self.clock)
        return Poller(self.store, bus or self.bus, web, Robots(web, self.clock), self.clock, min_interval=300)

    def poll(self, id_: str = "haus", poller: Poller | None = None) -> Status:
        with self.store.writing() as session:
            request_poll(session, id_, self.clock.now())
            (claim,) = claim_due(session, self.clock.now(), owner="test", limit=5)
        return (poller or self.poller()).poll_one(claim)

    def health(self, id_: str = "haus") -> SourceHealth:
        with self.store.reading() as session:
            return source_health(session, id_)

    def row(self, id_: str = "haus") -> SourceRow:
        with self.store.reading() as session:
            row = session.get(SourceRow, id_)
            assert row is not None
            return row

    def published(self, lane: str = "") -> list[CollectedItem]:
        return [decode(record, CollectedItem)[0] for record in self.bus.read(COLLECTED + lane, -1, 1000)]

    def live(self) -> list[str]:
        return [item.title for item in self.published()]

    def bulk(self) -> list[str]:
        return [item.title for item in self.published(BULK)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = FakeClock()
    store = a_store(tmp_path, clock)
    bus = SqliteBus(tmp_path / "bus.db", clock)
    bus.ensure_topics(TOPICS)
    with FeedServer() as site:
        yield Bench(store, bus, clock, site)
    bus.close()
    store.close()
