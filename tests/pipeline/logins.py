"""Servers that ask for a password, and let a test change it."""

import signal
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from sqlalchemy import create_engine, text

from tests.real import KafkaCluster, PostgresServer

USER = "vigie"
TURN_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid() AND usename = :user"
)


def set_kafka_password(cluster: KafkaCluster, password: str) -> None:
    """Who logs in from now on needs this one, by SCRAM-SHA-512."""
    admin: Any = KafkaAdminClient(bootstrap_servers=cluster.url.removeprefix("kafka://").split(","))
    change = UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, password=password)
    assert admin.alter_user_scram_credentials([change]) == {USER: None}
    admin.close()


def ask_for_passwords(server: PostgresServer) -> None:
    """From now on over TCP; its socket stays open to everybody."""
    rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    (server.folder / "db" / "pg_hba.conf").write_text(rules, "utf-8")
    server.send_signal(signal.SIGHUP)


def set_postgres_password(server: PostgresServer, password: str) -> None:
    """Also for those who are in already: they are turned out."""
    engine = create_engine(f"postgresql+psycopg://{USER}@/postgres?host={server.folder}&port={server.port}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER ROLE {USER} PASSWORD '{password}'"))
        connection.execute(text(TURN_OUT), {"user": USER})
    engine.dispose()
