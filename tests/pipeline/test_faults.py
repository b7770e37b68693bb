"""The world gets sick and well again, beyond one machine: nothing is lost or doubled, and nobody has to help."""

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.store.migrate import upgrade
from tests.pipeline.feeds import rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.pipeline.test_kill import check_mails, entries_of, settled
from tests.real import KafkaCluster, PostgresServer, own_kafka, own_postgres
from tests.servers import FeedServer

PER_ROUND = 30
OUTAGE = 30.0  # seconds without any broker
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


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


def test_brokers_database_and_mail_relay_go_away_and_come_back(
    tmp_path: Path, brokers: KafkaCluster, database: PostgresServer
) -> None:
    """Items keep coming while one of three brokers is killed, the database restarts, all brokers stop for half a
    minute, and the relay first refuses everybody and then takes a mail without a word.
    """
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest with a failure
    entries = entries_of(5 * PER_ROUND, random.Random(seed))

    def one_killed() -> None:
        brokers.end(2, signal.SIGKILL)

    def database_away() -> None:
        brokers.start(2)
        database.stop()
        time.sleep(10)
        database.start()

    def all_stopped() -> None:
        for node in (1, 2, 3):
            brokers.end(node, signal.SIGKILL)
        time.sleep(OUTAGE)
        brokers.start(1, 2, 3)
        mailbox.refuses, mailbox.silent = False, 1

    url = f"{database.url}/postgres"
    upgrade(url)
    bus = f"{brokers.url}?partitions=2&replication=3&session_timeout_ms=3000"
    settings = {"VIGIE_BUS_URL": bus, "VIGIE_DATABASE_URL": url, "VIGIE_LOG_LEVEL": "warning"}
    with FeedServer() as site, Mailbox() as mailbox:
        settings["VIGIE_SMTP_URL"] = mailbox.url
        with Vigie(tmp_path, together=False, VIGIE_INSTANT_PER_HOUR="0", **settings) as vigie:
            site.serve("/feed.xml", rss([]))
            vigie.sources(("haus", site.url("/feed.xml")), interval=1)
            mailbox.refuses = True
            vigie.start()
            reader = ("leser@example.org", "--query", "Leuchtturm", "--every", "instant", "--confirmed")
            vigie.command("people", "add", *reader)
            for round_, fault in enumerate((None, one_killed, database_away, all_stopped, None), 1):
                site.serve("/feed.xml", rss(entries[: round_ * PER_ROUND]))
                if fault is not None:
                    fault()
                time.sleep(3)
            wait_until(lambda: len(vigie.items()) >= len(entries), 120, "every item in the archive")
            wait_until(lambda: settled(vigie.status()), 180, "no backlog and no open delivery")
            wait_until(lambda: healthy(vigie), 60, "every stage alive and green")
            items, ledger = vigie.items(), vigie.status()["deliveries"]
    wanted = {entry.title for entry in entries if "Leuchtturm" in entry.title}
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    check_mails(mailbox, wanted, ledger["unknown"])
    assert ledger["unknown"] == 1
    assert (ledger["sent"], ledger["failed"], ledger["held"]) == (len(wanted), 0, 0)


def healthy(vigie: Vigie) -> bool:
    """Alive and green, and by itself: no process was started again."""
    stages = vigie.status()["stages"].values()
    up = all(process.poll() is None for process in vigie.processes.values())
    return up and all(stage["alive"] and not stage["error"] for stage in stages)
