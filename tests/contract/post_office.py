"""A collector whose source is a folder of a real Dovecot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from services.collector.newsletter.intake import Newsletters
from services.collector.poll import Poller
from services.collector.record import Status
from services.collector.robots import Robots
from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.sources.catalogue import source_config
from shared.sources.refusals import Refusals
from shared.sources.store import add_source, refusals_of, source_row
from shared.sources.store import configure as configure_row
from shared.web.client import WebClient
from tests.dovecot import Dovecot
from tests.fakes import FakeClock, a_store
from tests.newsletters import SENT
from tests.servers import FeedServer
from tests.signing import Signer
from tests.unit.collector.conftest import Bench

AUTHSERV: Final = "mx.example.org"
PASSED: Final = f"{AUTHSERV}; dkim=pass (2048-bit key) header.d=dfki.de header.s=s1; spf=none"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"), "dfki.de", "dispatcher.example", "stranger.example")


@dataclass
class Post:
    """A collector, and a folder of the mailbox that is its source."""

    bench: Bench
    dovecot: Dovecot
    signer: Signer
    settings: Settings
    folder: str

    def add(self, id_: str = "dfki", **rules: Any) -> None:
        block = {
            "id": id_,
            "kind": "mailbox",
            "url": "https://www.dfki.de/web/news",
            "mailbox": self._rules(rules),
        }
        with self.bench.store.writing() as session:
            add_source(session, source_config(block, "test"), self.bench.clock.now())

    def change(self, **rules: Any) -> None:
        """Other rules for the source, as a changed sources file brings them."""
        block = {
            "id": "dfki",
            "kind": "mailbox",
            "url": "https://www.dfki.de/web/news",
            "mailbox": self._rules(rules),
        }
        with self.bench.store.writing() as session:
            configure_row(source_row(session, "dfki"), source_config(block, "test"))

    def _rules(self, rules: dict[str, Any]) -> dict[str, Any]:
        return {"senders": ["@dfki.de"], "folder": self.folder} | rules

    def poll(self, settings: Settings | None = None) -> Status:
        web = WebClient(self.settings, self.bench.clock)
        read = Newsletters(settings or self.settings, self.signer.dns)
        poller = Poller(
            self.bench.store,
            self.bench.bus,
            web,
            Robots(web, self.bench.clock),
            self.bench.clock,
            300,
            newsletters=read,
        )
        return self.bench.poll("dfki", poller)

    def deliver(self, mail: bytes) -> Path:
        return self.dovecot.deliver(mail, self.folder)

    def titles(self) -> set[str]:
        return {*self.bench.live(), *self.bench.bulk()}

    def refusals(self) -> Refusals:
        with self.bench.store.reading() as session:
            return refusals_of(session, "dfki")

    def why(self) -> str:
        return " ".join(mail.why for mail in self.refusals().mails)


@pytest.fixture
def post(tmp_path: Path, dovecot: Dovecot, signer: Signer) -> Iterator[Post]:
    clock = FakeClock(SENT + timedelta(hours=1))
    store = a_store(tmp_path, clock)
    bus = SqliteBus(tmp_path / "bus.db", clock)
    bus.ensure_topics(TOPICS)
    settings = Settings(mailboxes=f"{dovecot.url}?authserv={AUTHSERV}", ca_file=dovecot.authority.file)
    folder = f"N{uuid4().hex[:8]}"
    dovecot.make(folder)
    signer.answers = True
    with FeedServer() as site:
        yield Post(Bench(store, bus, clock, site), dovecot, signer, settings, folder)
    bus.close()
    store.close()


def passed(mail: bytes) -> bytes:
    """As the mailbox's own server hands it over."""
    return f"Authentication-Results: {PASSED}\r\n".encode() + mail
