"""A town of sites on real servers, and a collector that lives there through days by a fake clock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Self

from sqlmodel import col, select

from services.collector.poll import Poller
from services.collector.robots import Robots
from services.collector.search import Search
from services.collector.telling import tell
from shared.bus import BULK, COLLECTED, TOPICS
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.events import decode
from shared.items import CollectedItem
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due
from shared.sources.proposals import accept
from shared.sources.store import add_source, state_of
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.subscriptions.tables import DeliveryRow
from shared.web.client import WebClient
from tests.fakes import FakeClock, a_store
from tests.pipeline.feeds import Entry, rss
from tests.servers import FeedServer

NETWORK: Final = (ip_network("127.0.0.0/8"),)
OPERATOR: Final = "betrieb@example.org"
HOUR: Final = timedelta(hours=1)


@dataclass
class House:
    """A publisher with a server of its own. What it publishes stands in its feed, the newest first."""

    site: FeedServer
    clock: FakeClock
    path: str = "/feed.xml"
    entries: list[Entry] = field(default_factory=list)

    def publish(self, title: str) -> None:
        name = f"n{len(self.entries)}"
        self.entries.insert(0, Entry(name, title, f"Es geht um {title}.", self.clock.now()))
        self.serve()

    def serve(self, path: str = "") -> None:
        self.path = path or self.path
        self.site.serve(self.path, rss(self.entries[:20], site="https://www.example.org"))

    def answer(self, status: int, path: str = "") -> None:
        self.site.serve(path or self.path, status=status, etag=False)


class Town:
    """The sources, and the days that pass. `seen` is every state that each of them was in, in order."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store: Store = a_store(folder, self.clock)
        self.bus = SqliteBus(folder / "bus.db", self.clock)
        self.bus.ensure_topics(TOPICS)
        self.settings = Settings(allowed_networks=NETWORK, operators=(OPERATOR,), data_dir=folder)
        web = WebClient(self.settings, self.clock)
        robots = Robots(web, self.clock)
        self.poller = Poller(self.store, self.bus, web, robots, self.clock, min_interval=300)
        self.search = Search(self.store, web, robots)
        self.seen: dict[str, list[str]] = {}
        self._open = ExitStack()

    def house(self, id_: str, path: str = "/feed.xml", **keys: Any) -> House:
        """A publisher who moved in, and is watched twice a day."""
        site = self._open.enter_context(FeedServer())
        site.serve("/robots.txt", "", content_type="text/plain")
        site.serve("/", f"<html><title>{id_}</title><p>Willkommen", content_type="text/html")
        block = {
            "id": id_,
            "kind": "feed",
            "url": site.url(path),
            "interval": 12 * 3600,
            "homepage": site.url("/"),
        }
        with self.store.writing() as session:
            add_source(session, source_config({**block, **keys}, "town"), self.clock.now())
        self._note()
        return House(site, self.clock, path)

    def pass_days(self, days: float, daily: Callable[[], None] | None = None) -> None:
        """Poll what is due, look for new addresses and tell operators, four times a day."""
        for step in range(round(days * 4)):
            if daily and step % 4 == 0:
                daily()
            self._step()
            self.clock.advance(hours=6)

    def accept(self, id_: str) -> str:
        with self.store.writing() as session:
            return accept(session, id_, self.clock.now())

    def row(self, id_: str) -> SourceRow:
        with self.store.reading() as session:
            row = session.get(SourceRow, id_)
            assert row is not None
            return row

    def state(self, id_: str) -> str:
        return state_of(self.row(id_))

    def titles(self) -> set[str]:
        records = (*self.bus.read(COLLECTED, -1, 5000), *self.bus.read(COLLECTED + BULK, -1, 5000))
        return {decode(record, CollectedItem)[0].title for record in records}

    def mails(self) -> list[DeliveryRow]:
        """What operators were told, the oldest first."""
        with self.store.reading() as session:
            told = select(DeliveryRow).where(DeliveryRow.kind == "operator")
            return list(session.exec(told.order_by(col(DeliveryRow.created_at))).all())

    def close(self) -> None:
        self._open.close()
        self.bus.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _step(self) -> None:
        for _ in range(200):
            with self.store.writing() as session:
                claims = claim_due(session, self.clock.now(), owner="town", limit=20)
            for claim in claims:
                self.poller.poll_one(claim)
            if not claims:
                break
        self._note()
        self.search.step()
        tell(self.store, self.settings)

    def _note(self) -> None:
        for id_, state in self._states():
            known = self.seen.setdefault(id_, [])
            if not known or known[-1] != state:
                known.append(state)

    def _states(self) -> Iterator[tuple[str, str]]:
        with self.store.reading() as session:
            for row in session.exec(select(SourceRow)).all():
                yield row.id, state_of(row)


def days_ago(clock: FakeClock, days: float) -> datetime:
    return clock.now() - timedelta(days=days)
