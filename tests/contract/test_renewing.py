"""A bus that was deleted and made anew: what nobody had read comes again, what was done is not done twice."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from services.archivist.write import handler as archivist
from services.classifier.classify import handler as classifier
from services.cli.renewing import RENEWED, STORE_RENEWED, look_at_bus
from services.collector.poll import Poller
from services.collector.releasing import release_held
from services.collector.robots import Robots
from services.notifier.app import match_and_assign
from shared.archive.search import search
from shared.bus import ARCHIVED, CLASSIFIED, COLLECTED, TOPICS
from shared.bus.consume import Consumer, Stage
from shared.bus.sqlite import SqliteBus
from shared.config import Settings
from shared.events import encode
from shared.items import Purpose
from shared.sources.catalogue import source_config
from shared.sources.claims import claim_due, due_sources
from shared.sources.store import add_source, held_entries, request_poll
from shared.store import Store, memos
from shared.telemetry.notices import notices, withdraw
from shared.web.client import WebClient
from tests.archived import a_collected
from tests.fakes import FakeClock, a_store
from tests.mailing import deliver_all, subscribe
from tests.pipeline.feeds import Entry, rss
from tests.servers import FeedServer
from tests.unit.pipeline.world import WordModel

SETTINGS = Settings(allowed_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Installation:
    """The stages, on a bus that can be lost."""

    def __init__(self, folder: Path, store: Store, clock: FakeClock, site: FeedServer) -> None:
        self.folder, self.store, self.clock, self.site = folder, store, clock, site
        self.bus = self._opened()
        with store.writing() as session:
            block = {"id": "haus", "kind": "feed", "url": site.url("/feed.xml")}
            add_source(session, source_config(block, "test"), clock.now())
        subscribe(store, query="Leuchtturm")
        self.serve("Anfang")
        self.poll()
        self.work()
        self.look()

    def serve(self, *titles: str, text: str = "") -> None:
        entries = [
            Entry(title, f"{title} am Meer", text or f"Alles über {title}.", self.clock.now()) for title in titles
        ]
        self.site.serve("/feed.xml", rss(entries))

    def poll(self) -> None:
        self.clock.advance(minutes=10)
        with self.store.writing() as session:
            request_poll(session, "haus", self.clock.now())
            (claim,) = claim_due(session, self.clock.now(), owner="test", limit=1)
        web = WebClient(SETTINGS, self.clock)
        Poller(self.store, self.bus, web, Robots(web, self.clock), self.clock, 300).poll_one(claim)

    def work(self, *stages: str) -> None:
        """Let these stages read all that waits; all of them where none is named."""
        handlers = {
            "classifier": (COLLECTED, classifier(WordModel(), self.clock)),
            "archivist": (CLASSIFIED, archivist(self.store)),
            "notifier": (ARCHIVED, match_and_assign(self.store, 10)),
        }
        for name in stages or handlers:
            topic, handler = handlers[name]
            consumer = Consumer(self.bus, Stage(name, topic, handler), wait=0.0)
            while consumer.step():
                pass
            consumer.close()

    def look(self) -> None:
        """What a worker does at its start, and every half minute."""
        look_at_bus(self.store, self.bus)

    def keep(self) -> dict[str, bytes]:
        self.bus.close()
        kept = {file.name: file.read_bytes() for file in self.folder.glob("bus.db*")}
        self.bus = self._opened()
        return kept

    def lose(self, put_back: dict[str, bytes] | None = None) -> None:
        self.bus.close()
        for file in self.folder.glob("bus.db*"):
            file.unlink()
        for name, content in (put_back or {}).items():
            (self.folder / name).write_bytes(content)
        self.bus = self._opened()

    def titles(self) -> list[str]:
        with self.store.reading() as session:
            return sorted(item.title.removesuffix(" am Meer") for item in search(session, "").items)

    def said(self) -> dict[str, str]:
        with self.store.reading() as session:
            return {notice.key: notice.reason for notice in notices(session)}

    def _opened(self) -> SqliteBus:
        bus = SqliteBus(self.folder / "bus.db", self.clock)
        bus.ensure_topics(TOPICS)
        return bus


@pytest.fixture
def here(tmp_path: Path, store: Store, clock: FakeClock) -> Iterator[Installation]:
    folder = tmp_path / "data"
    folder.mkdir()
    with FeedServer() as site:
        installation = Installation(folder, store, clock, site)
        assert installation.said() == {}
        yield installation
        installation.bus.close()


def test_what_was_collected_and_nobody_had_read_comes_again_and_is_mailed_once(here: Installation) -> None:
    here.serve("Leuchtturm", "Hafen", "Anfang")
    here.poll()
    here.lose()
    here.work()
    assert here.titles() == ["Anfang"]
    here.look()
    assert "2 entries that never came to the archive are asked for again at 1 sources" in here.said()[RENEWED]
    with here.store.reading() as session:
        assert due_sources(session, here.clock.now(), 1)
    here.poll()
    here.work()
    assert here.titles() == ["Anfang", "Hafen", "Leuchtturm"]
    assert len(deliver_all(here.store)) == 1


def test_what_was_archived_and_nobody_was_told_of_is_mailed_once(here: Installation) -> None:
    here.serve("Leuchtturm", "Anfang")
    here.poll()
    here.work("classifier", "archivist")
    here.lose()
    here.work()
    assert deliver_all(here.store) == []
    here.look()
    assert "1 items are handed to the notifier again" in here.said()[RENEWED]
    here.work()
    assert len(deliver_all(here.store)) == 1
    here.poll()
    here.work()
    assert deliver_all(here.store) == []


def test_an_edit_that_nobody_had_read_comes_again(here: Installation) -> None:
    here.serve("Anfang", text="Ein neuer Anfang.")
    here.poll()
    here.lose()
    here.look()
    here.poll()
    here.work()
    with here.store.reading() as session:
        (item,) = search(session, "").items
    assert item.revision == 2


def test_old_entries_of_a_first_poll_come_again_on_the_lane_that_mails_nobody(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    with FeedServer() as site:
        here = Installation(tmp_path, store, clock, site)
        with store.writing() as session:
            block = {"id": "alt", "kind": "feed", "url": site.url("/alt.xml")}
            add_source(session, source_config(block, "test"), clock.now())
        old = clock.now()
        clock.advance(days=30)
        site.serve("/alt.xml", rss([Entry("alt", "Alter Leuchtturm", "Alles.", old)]))
        before = poll(here, "alt")
        here.lose()
        here.look()
        after = poll(here, "alt")
        here.bus.close()
    assert before == after == (0, 1)


def poll(here: Installation, source: str) -> tuple[int, int]:
    """Poll a source; how many records it brought on the live lane and on the bulk lane."""
    ends = here.bus.marks(TOPICS)
    with here.store.writing() as session:
        request_poll(session, source, here.clock.now())
        claims = claim_due(session, here.clock.now(), owner="test", limit=5)
    web = WebClient(SETTINGS, here.clock)
    poller = Poller(here.store, here.bus, web, Robots(web, here.clock), here.clock, 300)
    for claim in claims:
        if claim.source == source:
            poller.poll_one(claim)
    now = here.bus.marks(TOPICS)
    live, bulk = COLLECTED, f"{COLLECTED}.bulk"
    return now[live].end - ends[live].end, now[bulk].end - ends[bulk].end


def test_a_release_that_nobody_had_read_is_undone_and_can_be_done_again(here: Installation) -> None:
    old = Entry("alt", "Alter Leuchtturm am Meer", "Alles über Altes.", here.clock.now())
    here.clock.advance(days=9)
    here.serve("Anfang")
    here.poll()
    here.site.serve("/feed.xml", rss([old]))
    here.poll()
    assert release_held(here.store, here.bus, "haus") == 1
    here.lose()
    here.look()
    with here.store.reading() as session:
        assert [one.title for one in held_entries(session)] == [old.title]
    assert release_held(here.store, here.bus, "haus") == 1
    here.work()
    assert len(deliver_all(here.store)) == 1


def test_where_all_was_read_nothing_comes_again(here: Installation) -> None:
    here.serve("Leuchtturm", "Anfang")
    here.poll()
    here.work()
    assert len(deliver_all(here.store)) == 1
    here.lose()
    here.look()
    assert "0 entries" in here.said()[RENEWED]
    here.poll()
    here.work()
    assert here.bus.marks([COLLECTED])[COLLECTED].end == 0
    assert deliver_all(here.store) == []


def test_a_bus_that_was_put_back_from_an_older_copy_is_noticed(here: Installation) -> None:
    kept = here.keep()
    here.serve("Leuchtturm", "Anfang")
    here.poll()
    here.look()
    here.lose(put_back=kept)
    here.look()
    assert "older copy" in here.said()[RENEWED]
    here.poll()
    here.work()
    assert here.titles() == ["Anfang", "Leuchtturm"]
    assert len(deliver_all(here.store)) == 1


def test_it_is_said_once(here: Installation) -> None:
    here.lose()
    here.look()
    with here.store.writing() as session:
        withdraw(session, RENEWED)
    here.serve("Hafen", "Anfang")
    here.poll()
    here.look()
    assert here.said() == {}


# The database beside the bus


def test_an_empty_database_beside_a_bus_that_was_read_is_red(here: Installation, tmp_path: Path) -> None:
    """It was deleted, emptied by a power cut, or it is another one."""
    empty = a_store(tmp_path / "empty", here.clock)
    look_at_bus(empty, here.bus)
    with empty.reading() as session:
        assert [notice.key for notice in notices(session)] == [STORE_RENEWED]
    empty.close()


def test_a_new_installation_says_nothing_although_something_was_imported_before(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    bus = SqliteBus(tmp_path / "new.db", clock)
    bus.ensure_topics(TOPICS)
    bus.publish(COLLECTED, [encode(a_collected(), purpose=Purpose.BACKFILL, stage="import", now=clock.now())])
    for _ in range(2):
        look_at_bus(store, bus)
    bus.close()
    with store.reading() as session:
        assert notices(session) == ()


def test_an_installation_of_an_earlier_version_says_nothing(here: Installation) -> None:
    with here.store.writing() as session:
        memo = memos.read(session, "bus")
        session.delete(memo)
    here.look()
    assert here.said() == {}
