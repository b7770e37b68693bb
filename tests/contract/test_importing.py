"""Old items that are imported are found as all others are: by what is known of their source, with an excerpt."""

import json
from contextlib import closing
from io import BytesIO
from pathlib import Path

from services.archivist.write import handler
from services.collector.importing import Position, facts_of, import_lines
from shared.archive.about import About
from shared.archive.export import export
from shared.archive.search import search
from shared.bus import BULK, CLASSIFIED, COLLECTED, TOPICS, Record
from shared.bus.sqlite import SqliteBus
from shared.events import decode, encode
from shared.items import ClassifiedItem, CollectedItem, Purpose
from shared.sources.store import list_sources
from shared.sources.tables import SourceRow
from shared.store import Store
from tests.archived import NOON, a_verdict
from tests.fakes import FakeClock

TEXT = "Das Forschungszentrum meldet einen neuen Speicher für Netze. " * 20


def line(number: int, source: str) -> bytes:
    url = f"https://example.org/alt/{number}"
    said = {"title": f"Alt {number}", "text": TEXT, "url": url, "published": "2019-05-03", "source": source}
    return json.dumps(said).encode()


def brought_in(store: Store, folder: Path, *lines: bytes) -> None:
    """An import, and what the two other stages make of it."""
    with store.reading() as session:
        facts = facts_of(list_sources(session))
    with closing(SqliteBus(folder / "bus.db", FakeClock(NOON))) as bus:
        bus.ensure_topics(TOPICS)
        steps = import_lines(BytesIO(b"\n".join(lines)), bus, Position(), facts, NOON, FakeClock(NOON))
        assert [step.refused for step in steps] == [()]
        with closing(bus.reader(COLLECTED + BULK, "test")) as reader:
            records = reader.poll(len(lines) + 1, 5.0)
    events = [decode(record, CollectedItem)[0] for record in records]
    classified = [ClassifiedItem(item=item, verdict=a_verdict(), classified_at=NOON) for item in events]
    told = [encode(each, purpose=Purpose.BACKFILL, stage="classifier", now=NOON) for each in classified]
    handler(store)([Record(CLASSIFIED + BULK, 0, at, NOON, message) for at, message in enumerate(told)])


def found(store: Store, query: str) -> set[str]:
    with store.reading() as session:
        return {item.title for item in search(session, query).items}


def test_a_country_finds_what_was_imported_of_its_sources(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        for id_, country in (("labo", "FR"), ("institut", "DE")):
            session.add(SourceRow(id=id_, url=f"https://example.org/{id_}", country=country, name=id_.title()))
    brought_in(store, tmp_path, line(1, "labo"), line(2, "institut"), line(3, "unbekannt"))
    assert found(store, "country:FR") == {"Alt 1"}
    assert found(store, "land:Deutschland date:2019-05") == {"Alt 2"}
    assert found(store, "-country:FR -country:DE source:unbekannt") == {"Alt 3"}


def test_lists_and_feeds_show_the_first_words_of_what_came_without_a_summary(store: Store, tmp_path: Path) -> None:
    brought_in(store, tmp_path, line(1, "labo"))
    with store.reading() as session:
        (item,) = search(session, "Speicher").items
    assert item.summary.startswith("Das Forschungszentrum meldet einen neuen Speicher")
    assert 60 < len(item.summary) <= 120
    feed = b"".join(export("atom", [item], About("", NOON, "https://portal.example.org"))).decode()
    assert f"<summary>{item.summary}</summary>" in feed
