"""Several processes of every service share the work: nothing twice, nothing lost, and live items go first."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
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
from tests.pipeline.test_kill import check_mails, entries_of, settled
from tests.servers import FeedServer

INSTANCES = {"collector": 3, "classifier": 3, "archivist": 2, "notifier": 2}
FEEDS = 6
PER_ROUND = 60
INTERVAL = 5  # seconds between two polls of a source
BULK_ITEMS = 100_000
READER = ("leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def bus_url(kafka_url: str, request: pytest.FixtureRequest) -> str:
    prefix = f"t{abs(hash(request.node.name)) % 10**8}"
    return f"{kafka_url}?prefix={prefix}.&partitions=3&session_timeout_ms=6000"


@pytest.fixture
def vigie(tmp_path: Path, bus_url: str, database_url: str) -> Vigie:
    places = {"VIGIE_BUS_URL": bus_url, "VIGIE_DATABASE_URL": database_url}
    return Vigie(tmp_path, together=False, VIGIE_INSTANT_PER_HOUR="0", VIGIE_LOG_LEVEL="warning", **places)


def test_a_rolling_restart_of_every_process_under_load_loses_and_doubles_nothing(vigie: Vigie) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest with a failure
    names = [(service, f"{service}-{n}") for service, count in INSTANCES.items() for n in range(count)]
    entries = entries_of(PER_ROUND * len(names), random.Random(seed))
    with FeedServer() as site, Mailbox() as mailbox, vigie:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        publish(site, [])
        vigie.sources(*((f"feed{n}", site.url(f"/{n}.xml")) for n in range(FEEDS)), interval=INTERVAL)
        vigie.start("portal")
        vigie.command("people", "add", *READER)
        for service, name in names:
            vigie.start_one(service, instance=name)
        wait_until(lambda: vigie.log.read_text().count("Vigie runs") > len(names), 120, "every process")
        for round_, (service, name) in enumerate(names, 1):
            publish(site, entries[: round_ * PER_ROUND])
            time.sleep(1)
            assert vigie.stop(service + name) == [0]
            vigie.start_one(service, instance=name)
        wait_until(lambda: vigie.status()["items"] >= len(entries), 120, "every item in the archive")
        wait_until(lambda: settled(vigie.status()), 120, "no backlog and no open delivery")
        items, ledger = vigie.items(), vigie.status()["deliveries"]
        polls = [[request.at for request in site.asked(f"/{n}.xml")] for n in range(FEEDS)]
    wanted = {entry.title for entry in entries if "Leuchtturm" in entry.title}
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    assert {item["revision"] for item in items} == {1}
    check_mails(mailbox, wanted, 0)
    assert (ledger["sent"], ledger["unknown"]) == (len(wanted), 0)
    assert min(later - earlier for times in polls for earlier, later in pairwise(times)) > INTERVAL * 0.9


def test_live_items_pass_a_hundred_thousand_that_wait_in_bulk(vigie: Vigie, bus_url: str) -> None:
    with FeedServer() as site, Mailbox() as mailbox, vigie, closing(KafkaBus(bus_url, "test")) as bus:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        site.serve("/feed.xml", rss([]))
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)
        vigie.command("migrate")
        vigie.command("people", "add", *READER)
        send_bulk(bus)
        vigie.start()
        wait_until(lambda: vigie.status()["items"] > 0, 120, "the first of bulk in the archive")
        live = [Entry(f"n{n}", f"Leuchtturm {n} sendet", "Neues vom Ufer.", now()) for n in range(5)]
        site.serve("/feed.xml", rss(live))
        wait_until(lambda: len(mailbox.mails) == len(live), 120, "the mails of the live items")
        waiting = bus.lag(COLLECTED + BULK, "classifier" + BULK) + bus.lag(CLASSIFIED + BULK, "archivist" + BULK)
    assert waiting > BULK_ITEMS * 0.8


def publish(site: FeedServer, entries: Sequence[Entry]) -> None:
    for feed in range(FEEDS):
        site.serve(f"/{feed}.xml", rss(entries[feed::FEEDS]))


def send_bulk(bus: KafkaBus) -> None:
    moment = datetime.now(UTC)
    bus.ensure_topics([COLLECTED + BULK])
    for start in range(0, BULK_ITEMS, 1000):
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
