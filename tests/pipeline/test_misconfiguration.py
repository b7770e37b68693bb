"""A wrong address or password, a topic gone or grown: a clear error, red, and work again when the cause ends."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions

from shared.bus import CLASSIFIED, COLLECTED, TOPICS
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.logins import USER, ask_for_passwords, set_kafka_password, set_postgres_password
from tests.pipeline.readiness import SOON, Press, readiness, wait_for_green, wait_for_red
from tests.real import KafkaCluster, PostgresServer, free_ports, own_kafka, own_postgres
from tests.servers import FeedServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

QUICK = "partitions=2&session_timeout_ms=3000"
WRONG = "ganz-falsch"  # no password that is tried may be shown anywhere
RIGHT = "ganz-richtig"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        yield site


@pytest.fixture
def prefix() -> str:
    return f"m{uuid.uuid4().hex[:8]}."


@pytest.fixture
def vigie(tmp_path: Path, kafka_url: str, prefix: str) -> Iterator[Vigie]:
    """All services in one process, on a broker that the suite shares."""
    with Vigie(tmp_path, VIGIE_BUS_URL=f"{kafka_url}?{QUICK}&prefix={prefix}") as vigie:
        yield vigie


@pytest.fixture
def admin(kafka_url: str) -> Iterator[Any]:
    admin = KafkaAdminClient(bootstrap_servers=kafka_url.removeprefix("kafka://").split(","))
    yield admin
    admin.close()


def everything_said(vigie: Vigie) -> str:
    """What the product wrote and answers, wherever an operator may look."""
    commands = (("status",), ("status", "--json"), ("status", "--here"), ("doctor",), ("config", "show"))
    return vigie.log.read_text("utf-8") + "".join(vigie.output(*command) for command in commands)


def test_a_broker_that_is_not_there_is_waited_for_at_the_start_and_later(tmp_path: Path, site: FeedServer) -> None:
    port, cluster = free_ports(), None
    with Vigie(tmp_path, VIGIE_BUS_URL=f"kafka://127.0.0.1:{port}?{QUICK}") as vigie:
        press = Press(site, vigie)
        press.publish("Leuchtturm", "Brücke")
        vigie.start()
        wait_for_red(vigie, "bus", "no Kafka broker answers", f"127.0.0.1:{port}", "VIGIE_BUS_URL")
        assert "VIGIE_BUS_URL" in readiness(vigie)[1]["bus"]
        wait_until(lambda: "no Kafka broker" in vigie.output("status", "--here"), SOON, "the instance's own word")
        log = vigie.log.read_text("utf-8")
        assert log.count("vigie run: no Kafka broker answers") == 1
        assert "Traceback" not in log
        cluster = own_kafka(tmp_path / "kafka", port=port)
        try:
            wait_for_green(vigie)
            press.wait_until_archived()
            cluster.end(1)
            press.publish("Hafen")
            wait_for_red(vigie, "bus", "no Kafka broker answers", "VIGIE_BUS_URL")
            cluster.start(1)
            wait_for_green(vigie)
            press.wait_until_archived()
        finally:
            cluster.remove()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    cluster = own_kafka(tmp_path_factory.mktemp("guarded"), login=f"plain:{RIGHT}")
    set_kafka_password(cluster, RIGHT)
    yield cluster
    cluster.remove()


def test_a_password_that_the_broker_refuses_is_red_until_it_is_right_at_the_broker(
    tmp_path: Path, guarded: KafkaCluster, site: FeedServer
) -> None:
    bus = f"kafka://{USER}:{WRONG}@{guarded.login_servers}?security_protocol=SASL_PLAINTEXT&{QUICK}"
    with Vigie(tmp_path, VIGIE_BUS_URL=bus) as vigie:
        press = Press(site, vigie)
        press.publish("Leuchtturm", "Brücke")
        vigie.start()
        wait_for_red(vigie, "bus", guarded.login_servers, "password", "VIGIE_BUS_URL")
        assert WRONG not in everything_said(vigie)
        set_kafka_password(guarded, WRONG)
        wait_for_green(vigie)
        press.wait_until_archived()
        set_kafka_password(guarded, RIGHT)
        guarded.end(1)  # who is in stays in otherwise
        guarded.start(1)
        press.publish("Hafen")
        wait_for_red(vigie, "bus", "password", "VIGIE_BUS_URL")
        assert WRONG not in everything_said(vigie)
        set_kafka_password(guarded, WRONG)
        wait_for_green(vigie)
        press.wait_until_archived()


def test_a_user_of_plain_logs_in(tmp_path: Path, guarded: KafkaCluster) -> None:
    query = f"security_protocol=SASL_PLAINTEXT&sasl_mechanism=PLAIN&{QUICK}&prefix=plain."
    right = Vigie(tmp_path, VIGIE_BUS_URL=f"kafka://plain:{RIGHT}@{guarded.login_servers}?{query}")
    right.command("migrate")
    wrong = Vigie(tmp_path, VIGIE_BUS_URL=f"kafka://plain:{WRONG}@{guarded.login_servers}?{query}")
    assert "password" in wrong.output("migrate")
    forgotten = Vigie(tmp_path, VIGIE_BUS_URL=f"kafka://{guarded.login_servers}?prefix=plain.")
    assert "Check user, password" in forgotten.output("migrate")


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    server = own_postgres()
    set_postgres_password(server, RIGHT)
    ask_for_passwords(server)
    yield server
    server.remove()


def test_a_password_that_the_database_refuses_is_red_until_it_is_right_at_the_database(
    tmp_path: Path, database: PostgresServer, site: FeedServer
) -> None:
    url = f"postgresql+psycopg://{USER}:{{}}@127.0.0.1:{database.port}/postgres"
    Vigie(tmp_path, VIGIE_DATABASE_URL=url.format(RIGHT)).command("migrate")
    with Vigie(tmp_path, VIGIE_DATABASE_URL=url.format(WRONG)) as vigie:
        press = Press(site, vigie)
        press.publish("Leuchtturm", "Brücke")
        vigie.start()
        words = (f"127.0.0.1:{database.port}", "password", "VIGIE_DATABASE_URL")
        wait_for_red(vigie, "database", *words)
        assert "VIGIE_DATABASE_URL" in readiness(vigie)[1]["database"]
        assert WRONG not in everything_said(vigie)
        assert "Traceback" not in vigie.log.read_text("utf-8")
        set_postgres_password(database, WRONG)
        wait_for_green(vigie)
        press.wait_until_archived()
        set_postgres_password(database, RIGHT)
        press.publish("Hafen")
        wait_for_red(vigie, "database", *words)
        assert WRONG not in everything_said(vigie)
        set_postgres_password(database, WRONG)
        wait_for_green(vigie)
        press.wait_until_archived()


def test_topics_that_somebody_deletes_are_red_until_they_are_made_again_and_nothing_new_is_skipped(
    vigie: Vigie, prefix: str, admin: Any, site: FeedServer
) -> None:
    press = Press(site, vigie)
    press.publish("Leuchtturm", "Brücke", "Hafen", "Insel", "Kanal", "Laterne")
    vigie.start()
    press.wait_until_archived()
    wait_for_green(vigie)
    admin.delete_topics([prefix + COLLECTED, prefix + CLASSIFIED])
    press.publish("Markt", "Nebel")
    wait_for_red(vigie, "bus", prefix + COLLECTED, "missing", "VIGIE_BUS_URL", "vigie migrate")
    vigie.command("migrate")
    wait_for_green(vigie)
    press.publish("Ofen", "Platz")
    press.wait_until_archived()
    found = wait_until(lambda: renewed(vigie), SOON, "what is said of the topics")
    assert COLLECTED in found["reason"]
    assert CLASSIFIED in found["reason"]


def renewed(vigie: Vigie) -> dict[str, str] | None:
    return next((finding for finding in vigie.status()["findings"] if finding["id"] == "bus.renewed"), None)


def test_partitions_that_somebody_adds_are_red_and_refused_at_the_next_start_until_the_setting_fits(
    vigie: Vigie, prefix: str, admin: Any, site: FeedServer
) -> None:
    press = Press(site, vigie)
    vigie.start()
    wait_for_green(vigie)
    admin.create_partitions({prefix + topic: NewPartitions(total_count=4) for topic in TOPICS})
    press.publish("Leuchtturm", "Brücke", "Hafen", "Insel", "Kanal", "Laterne")
    wait_for_red(vigie, "bus", "4 partitions", "set partitions=4 in VIGIE_BUS_URL", "restart every process")
    press.wait_until_archived()
    vigie.stop()
    vigie.start()
    assert vigie.only.wait(timeout=SOON) == 2
    assert "set partitions=4 in VIGIE_BUS_URL" in vigie.log.read_text("utf-8")
    vigie.kill()
    vigie.environ["VIGIE_BUS_URL"] = vigie.environ["VIGIE_BUS_URL"].replace("partitions=2", "partitions=4")
    vigie.start()
    wait_for_green(vigie)
    press.publish("Markt", "Nebel")
    press.wait_until_archived()
