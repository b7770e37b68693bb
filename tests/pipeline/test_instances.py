"""Several processes of every service share the work: nothing twice, nothing lost, and live items go first."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from shared.bus import BULK, CLASSIFIED, COLLECTED, Message
from shared.bus.kafka import KafkaBus
from shared.events import encode
from shared.items import CollectedItem, Purpose
from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.pipeline.test_kill import check_mails, entries_of, settled, wait_for_items, wanted_of
from tests.servers import FeedServer
from tests.sizes import sizes

FEEDS = 6
PER_ROUND = 20
READER = ("leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed")
WORKING = ("collector", "classifier", "archivist", "notifier")
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shift:
    """The processes that share the work, each with its services, and the seconds between two polls of a source."""

    processes: Sequence[Sequence[str]]
    interval: int


SMALL = Shift([WORKING] * 3, 3)
FULL = Shift([(name,) for name, count in zip(WORKING, (3, 3, 2, 2), strict=True) for _ in range(count)], 5)


@pytest.fixture
def bus_url(kafka_url: str, request: pytest.FixtureRequest) -> str:
    prefix = f"t{abs(hash(request.node.name)) % 10**8}"
    return f"{kafka_url}?prefix={prefix}.&partitions=3&session_timeout_ms=6000"


@pytest.fixture
def vigie(tmp_path: Path, bus_url: str, database_url: str) -> Vigie:
    places = {"VIGIE_BUS_URL": bus_url, "VIGIE_DATABASE_URL": database_url}
    return Vigie(tmp_path, together=False, VIGIE_INSTANT_PER_HOUR="0", VIGIE_LOG_LEVEL="warning", **places)


@sizes(SMALL, FULL, seconds=900)
def test_a_rolling_restart_of_every_process_under_load_loses_and_doubles_nothing(
    vigie: Vigie, dice: random.Random, size: Shift
) -> None:
    processes = {str(number): services for number, services in enumerate(size.processes)}
    entries = entries_of(PER_ROUND * len(processes), dice)
    with FeedServer() as site, Mailbox() as mailbox, vigie:
        vigie.environ["VIGIE_SMTP_URL"], vigie.afresh = mailbox.url, size is FULL
        publish(site, [])
        vigie.sources(*((f"feed{n}", site.url(f"/{n}.xml")) for n in range(FEEDS)), interval=size.interval)
        vigie.start("portal")
        vigie.command("people", "add", *READER)
        for name, services in processes.items():
            vigie.start_one(*services, instance=name)
        wait_until(lambda: vigie.log.read_text().count("Vigie runs") > len(processes), 120, "every process")
        for round_, (name, services) in enumerate(processes.items(), 1):
            publish(site, entries[: round_ * PER_ROUND])
            time.sleep(1)
            assert vigie.stop(" ".join(services) + name) == [0]
            vigie.start_one(*services, instance=name)
        wait_for_items(vigie, len(entries))
        wait_until(lambda: settled(vigie.status(), wanted_of(entries)), 120, "no backlog and no open delivery")
        items, ledger = vigie.items(), vigie.status()["deliveries"]
        polls = [[request.at for request in site.asked(f"/{n}.xml")] for n in range(FEEDS)]
    wanted = wanted_of(entries)
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    assert {item["revision"] for item in items} == {1}
    check_mails(mailbox, wanted, 0)
    assert (ledger["sent"], ledger["unknown"]) == (len(wanted), 0)
    assert min(later - earlier for times in polls for earlier, later in pairwise(times)) > size.interval * 0.9


@sizes(6_000, 100_000, seconds=900)
def test_live_items_pass_thousands_that_wait_in_bulk(vigie: Vigie, bus_url: str, size: int) -> None:
    with FeedServer() as site, Mailbox() as mailbox, vigie, closing(KafkaBus(bus_url, "test")) as bus:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        site.serve("/feed.xml", rss([]))
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)
        vigie.command("migrate")
        vigie.command("people", "add", *READER)
        send_bulk(bus, size)
        vigie.start()
        wait_for_items(vigie, 1)
        live = [Entry(f"n{n}", f"Leuchtturm {n} sendet", "Neues vom Ufer.", now()) for n in range(5)]
        site.serve("/feed.xml", rss(live))
        wait_until(lambda: len(mailbox.mails) == len(live), 120, "the mails of the live items")
        waiting = bus.lag(COLLECTED + BULK, "classifier" + BULK) + bus.lag(CLASSIFIED + BULK, "archivist" + BULK)
    assert waiting > size / 2


def publish(site: FeedServer, entries: Sequence[Entry]) -> None:
    for feed in range(FEEDS):
        site.serve(f"/{feed}.xml", rss(entries[feed::FEEDS]))


def send_bulk(bus: KafkaBus, count: int) -> None:
    moment = datetime.now(UTC)
    bus.ensure_topics([COLLECTED + BULK])
    for start in range(0, count, 1000):
        bus.publish(COLLECTED + BULK, [bulk_message(n, moment) for n in range(start, start + 1000)])


def bulk_message(number: int, moment: datetime) -> Message:
    item = CollectedItem(
        item_id=f"{number:032x}",
        source="archiv",
        title=f"Meldung {number}",
        text=f"Was an Tag {number} geschah.",
        published=moment,
        fetched_at=moment,
        content_hash=f"{number:064x}",
    )
    return encode(item, purpose=Purpose.BACKFILL, stage="import", now=moment)
