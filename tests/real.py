"""Real servers that the suite starts when they are not given: fixtures for `tests/conftest.py`."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine, text

from shared.clock import Clock
from shared.store import Store
from tests.fakes import a_store
from tests.pipeline.harness import free_port, wait_until

BROKER = Path(__file__).parents[1] / "deploy" / "kafka" / "broker.py"


def _broker_module() -> ModuleType:
    spec = spec_from_file_location("broker", BROKER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker: the one that VIGIE_TEST_KAFKA names, else one of our own. `CI=true` never skips."""
    if given := os.environ.get("VIGIE_TEST_KAFKA"):
        yield given
        return
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"no Kafka: {' and '.join(missing)} missing and VIGIE_TEST_KAFKA not set")
    broker = _broker_module()
    cluster = broker.Cluster(tmp_path_factory.mktemp("kafka"), 1, free_port())
    nodes = broker.start(cluster)
    yield f"kafka://{cluster.bootstrap}"
    broker.stop(cluster.folder)
    for node in nodes:
        node.wait()


POSTGRES_BINARIES = "/usr/lib/postgresql/*/bin"


def _postgres_program(name: str) -> str | None:
    found = shutil.which(name) or next(iter(sorted(Path("/").glob(f"{POSTGRES_BINARIES[1:]}/{name}"))[::-1]), None)
    return str(found) if found else None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server: the one that VIGIE_TEST_POSTGRES names, else one of our own. `CI=true` never skips.

    The server refuses to run as root; it then runs as the user `postgres`.
    """
    if given := os.environ.get("VIGIE_TEST_POSTGRES"):
        yield given
        return
    initdb, postgres = _postgres_program("initdb"), _postgres_program("postgres")
    if (initdb is None or postgres is None) and not os.environ.get("CI"):
        pytest.skip("no PostgreSQL: neither a server on this machine nor VIGIE_TEST_POSTGRES")
    assert initdb is not None, "CI needs a PostgreSQL server: apt install postgresql"
    assert postgres is not None
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="vigie-postgres-"))
    if user:
        shutil.chown(folder, user)
    port = free_port()
    run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [initdb, "-D", folder / "db", "-A", "trust", "-U", "vigie", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        **run,
    )
    options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off")
    server = subprocess.Popen([postgres, "-D", folder / "db", "-p", str(port), *options], **run)
    wait_until(lambda: _listens(port), 30, "PostgreSQL listens")
    yield f"postgresql+psycopg://vigie@127.0.0.1:{port}"
    server.send_signal(signal.SIGINT)
    server.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _template(postgres_url: str) -> str:
    """A database with the whole schema, to be copied for each test."""
    from shared.store.migrate import upgrade

    name = f"vigie_{uuid.uuid4().hex[:12]}"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    upgrade(f"{postgres_url}/{name}")
    return name


@pytest.fixture
def database_url(postgres_url: str, _template: str) -> str:
    """A PostgreSQL database of the test's own, migrated and empty."""
    name = f"vigie_{uuid.uuid4().hex[:12]}"
    _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {_template}")
    return f"{postgres_url}/{name}"


@pytest.fixture
def clock() -> Clock | None:
    """The time that stores tell: the database's own, where a test does not say otherwise."""
    return None


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock | None) -> Iterator[Store]:
    """An empty store: every test that asks for it runs on both databases."""
    on_sqlite = request.param == "sqlite"
    store = a_store(tmp_path, clock) if on_sqlite else Store(request.getfixturevalue("database_url"), clock)
    yield store
    store.close()


def _execute(url: str, statement: str) -> None:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
