"""The world gets sick and well again, beyond one machine: nothing is lost or doubled, and nobody has to help."""

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.store.migrate import upgrade
from tests.pipeline.feeds import rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.pipeline.test_kill import check_mails, entries_of, settled, wait_for_items, wanted_of
from tests.real import KafkaCluster, PostgresServer, own_kafka, own_postgres
from tests.servers import FeedServer
from tests.sizes import sizes

PER_ROUND = 12
READER = ("leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed")


@dataclass(frozen=True)
class Outages:
    """Seconds without the database and without any broker, and between two faults."""

    database: float
    brokers: float
    pause: float


SMALL = Outages(3.0, 5.0, 1.0)
FULL = Outages(10.0, 30.0, 3.0)


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[KafkaCluster]:
    cluster = own_kafka(tmp_path / "brokers", 3)
    yield cluster
    cluster.remove()


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    server = own_postgres()
    yield server
    server.remove()


@pytest.mark.slow
@sizes(SMALL, FULL, seconds=600)
def test_brokers_database_and_mail_relay_go_away_and_come_back(
    tmp_path: Path, brokers: KafkaCluster, database: PostgresServer, dice: random.Random, size: Outages
) -> None:
    """Items keep coming while the relay first refuses everybody and then breaks off after a mail, one of three
    brokers is killed, the database restarts, and all brokers stop.
    """
    entries = entries_of(5 * PER_ROUND, dice)

    def relay_refuses() -> None:
        wait_until(lambda: mailbox.refused, 60, "a mail that is refused")
        mailbox.refuses, mailbox.silent = False, 1

    def one_killed() -> None:
        wait_until(lambda: not mailbox.silent, 90, "a mail that is taken without a word")
        brokers.end(2, signal.SIGKILL)

    def database_away() -> None:
        brokers.start(2)
        database.stop()
        time.sleep(size.database)
        database.start()

    def all_stopped() -> None:
        for node in (1, 2, 3):
            brokers.end(node, signal.SIGKILL)
        time.sleep(size.brokers)
        brokers.start(1, 2, 3)

    url = f"{database.url}/postgres"
    upgrade(url)
    bus = f"{brokers.url}?partitions=2&replication=3&session_timeout_ms=3000"
    settings = {"VIGIE_BUS_URL": bus, "VIGIE_DATABASE_URL": url, "VIGIE_LOG_LEVEL": "warning"}
    with FeedServer() as site, Mailbox() as mailbox:
        settings["VIGIE_SMTP_URL"] = mailbox.url
        with Vigie(tmp_path, together=False, VIGIE_INSTANT_PER_HOUR="0", **settings) as vigie:
            site.serve("/feed.xml", rss([]))
            vigie.afresh = size is FULL
            vigie.sources(("haus", site.url("/feed.xml")), interval=1)
            mailbox.refuses = True
            vigie.start()
            vigie.command("people", "add", *READER)
            for round_, fault in enumerate((relay_refuses, one_killed, database_away, all_stopped, None), 1):
                site.serve("/feed.xml", rss(entries[: round_ * PER_ROUND]))
                if fault is not None:
                    fault()
                time.sleep(size.pause)
            wait_for_items(vigie, len(entries))
            wait_until(lambda: settled(vigie.status(), wanted_of(entries)), 180, "no backlog and no open delivery")
            wait_until(lambda: healthy(vigie), 60, "every stage alive and green")
            items, ledger = vigie.items(), vigie.status()["deliveries"]
    wanted = wanted_of(entries)
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    check_mails(mailbox, wanted, ledger["unknown"])
    assert ledger["unknown"] == 1
    assert (ledger["sent"], ledger["failed"], ledger["held"]) == (len(wanted), 0, 0)


def healthy(vigie: Vigie) -> bool:
    """Alive and green, and by itself: no process was started again."""
    stages = vigie.status()["stages"].values()
    up = all(process.poll() is None for process in vigie.processes.values())
    return up and all(stage["alive"] and not stage["error"] for stage in stages)
