"""The world gets sick and well again, beyond one machine: nothing is lost or doubled, and nobody has to help."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
ROUNDS = 4
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

Fault = Callable[[], None]


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    cluster = own_kafka(tmp_path_factory.mktemp("brokers"), 3)
    yield cluster
    cluster.remove()


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    server = own_postgres()
    yield server
    server.remove()


@pytest.fixture
def vigie(
    tmp_path: Path, brokers: KafkaCluster, database: PostgresServer, request: pytest.FixtureRequest
) -> Vigie:
    name = f"t{abs(hash(request.node.name)) % 10**8}"
    url = f"{database.url}/postgres?options=-csearch_path%3D{name}"
    _make_schema(database.url, name)
    upgrade(url)
    bus = f"{brokers.url}?prefix={name}.&partitions=2&replication=3&session_timeout_ms=3000"
    settings = {"VIGIE_BUS_URL": bus, "VIGIE_DATABASE_URL": url, "VIGIE_LOG_LEVEL": "warning"}
    return Vigie(tmp_path, together=False, VIGIE_INSTANT_PER_HOUR="0", **settings)


def _make_schema(url: str, name: str) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()


def test_all_brokers_stopped_for_half_a_minute_and_started_again(vigie: Vigie, brokers: KafkaCluster) -> None:
    def fault() -> None:
        for node in (1, 2, 3):
            brokers.end(node)
        time.sleep(30)
        brokers.start(1, 2, 3)

    goes_on(vigie, fault)


def test_one_broker_of_three_killed(vigie: Vigie, brokers: KafkaCluster) -> None:
    def fault() -> None:
        brokers.end(2, signal.SIGKILL)
        time.sleep(5)

    goes_on(vigie, fault)
    brokers.start(2)


def test_the_database_stopped_for_ten_seconds_and_started_again(vigie: Vigie, database: PostgresServer) -> None:
    def fault() -> None:
        database.stop()
        time.sleep(10)
        database.start()

    goes_on(vigie, fault)


def goes_on(vigie: Vigie, fault: Fault) -> None:
    """Publish in rounds, the fault in the middle; everything arrives once, and nobody restarted anything."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest with a failure
    entries = entries_of(ROUNDS * PER_ROUND, random.Random(seed))
    with FeedServer() as site, Mailbox() as mailbox, vigie:
        vigie.environ["VIGIE_SMTP_URL"] = mailbox.url
        site.serve("/feed.xml", rss([]))
        vigie.sources(("haus", site.url("/feed.xml")), interval=1)
        vigie.start()
        query = ("--query", "Leuchtturm", "--every", "instant", "--confirmed")
        vigie.command("people", "add", "leser@example.org", *query)
        for round_ in range(1, ROUNDS + 1):
            site.serve("/feed.xml", rss(entries[: round_ * PER_ROUND]))
            if round_ == ROUNDS // 2:
                fault()
            time.sleep(2)
        wait_until(lambda: len(vigie.items()) >= len(entries), 120, "every item in the archive")
        wait_until(lambda: settled(vigie.status()), 60, "no backlog and no open delivery")
        wait_until(
            lambda: all(s["alive"] and not s["error"] for s in vigie.status()["stages"].values()), 60, "green"
        )
        items, ledger = vigie.items(), vigie.status()["deliveries"]
    wanted = {entry.title for entry in entries if "Leuchtturm" in entry.title}
    assert Counter(item["title"] for item in items) == Counter(entry.title for entry in entries)
    check_mails(mailbox, wanted, ledger["unknown"])
    assert (ledger["sent"], ledger["failed"], ledger["held"]) == (len(wanted), 0, 0)
