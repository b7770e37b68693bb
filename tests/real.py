"""Real servers that the suite starts when they are not given: fixtures for `tests/conftest.py`."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shared.clock import Clock
from shared.store import Store
from tests.databases import Databases, execute
from tests.fakes import a_store
from tests.once import Server, memory, wished
from tests.pipeline.commands import Imported
from tests.pipeline.harness import free_port, wait_until

BROKER = Path(__file__).parents[1] / "deploy" / "kafka" / "broker.py"

TRIES = 3  # to find ports that nobody takes before the brokers do
TAKEN = "Address already in use"
CONNECTIONS = 400  # that a PostgreSQL takes: whole products of several tests at once

SHORT_LIVED = (  # nearly half the work of a start is left out
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",
)


def _broker_module() -> ModuleType:
    spec = spec_from_file_location("broker", BROKER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class KafkaCluster:
    """Nodes of our own on loopback, each of which can be ended and started again.

    With a `login` (user:password) they also listen for those who log in.
    """

    def __init__(self, folder: Path, nodes: int = 1, *, login: str = "", port: int = 0) -> None:
        self._broker = _broker_module()
        for left in reversed(range(1 if port else TRIES)):
            at = port or free_ports()
            self._cluster = self._broker.Cluster(folder, nodes, at, options=SHORT_LIVED, login=login)
            try:
                self._processes = list(self._broker.start(self._cluster))
            except SystemExit as error:
                self._end_all()
                if not left or TAKEN not in str(error):
                    raise
            else:
                return

    @property
    def url(self) -> str:
        return f"kafka://{self._cluster.bootstrap}"

    @property
    def login_servers(self) -> str:
        """host:port of the listeners that ask for a login."""
        return str(self._cluster.bootstrap_with_login)

    def send_signal(self, node: int, sig: int) -> None:
        os.kill(int(self._cluster.pid_file(node).read_text("utf-8")), sig)

    def end(self, node: int, sig: int = signal.SIGTERM) -> None:
        self._broker.stop_node(self._cluster, node, sig)

    def start(self, *nodes: int) -> None:
        """All at once: the quorum needs a majority."""
        self._processes.extend(self._broker.start_node(self._cluster, node) for node in nodes)
        for node in nodes:
            self._broker.wait_for(self._cluster, node)

    def remove(self) -> None:
        """Without goodbye: nobody needs its data, and brokers that leave one by one wait for each other."""
        self._end_all()
        for process in self._processes:
            process.wait()

    def _end_all(self) -> None:
        for node in self._cluster.numbers:
            self.end(node, signal.SIGKILL)


def need_kafka() -> None:
    """Skips where brokers cannot run; `CI=true` never skips."""
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"no Kafka: {' and '.join(missing)} missing and VIGIE_TEST_KAFKA not set")


def own_kafka(folder: Path, nodes: int = 1, *, login: str = "", port: int = 0) -> KafkaCluster:
    """New brokers. Skips where they cannot run."""
    need_kafka()
    return KafkaCluster(folder, nodes, login=login, port=port)


@pytest.fixture(scope="session")
def kafka_url(run_folder: Path) -> str:
    """A broker: the one that VIGIE_TEST_KAFKA names, else one of our own, which the run shares."""
    if given := os.environ.get("VIGIE_TEST_KAFKA"):
        return given
    need_kafka()
    return wished(run_folder, "kafka")


def free_ports() -> int:
    """The first of three neighbouring free ports, below the ones that the kernel gives to clients.

    They are this process's until it ends: two runs of the suite at the same moment must not meet at one, and who
    looks whether it is free sees nothing of a broker that is about to listen.
    """
    firsts = range(19_092, 29_000, 10)
    for first in random.sample(firsts, len(firsts)):
        ports = [port + above for port in range(first, first + 3) for above in (0, 1000, 2000)]
        if not any(map(_listens, ports)) and all(map(_is_ours, ports)):
            return first
    raise AssertionError("no free ports")


def _is_ours(port: int) -> bool:
    """Whether no other process of the suite has it; from now on none gets it."""
    lock = socket.socket(socket.AF_UNIX)  # such a name goes with the process, however that ends
    try:
        lock.bind(f"\0vigie-test-port-{port}")
    except OSError:
        lock.close()
        return port in _OURS
    _OURS[port] = lock
    return True


_OURS: dict[int, socket.socket] = {}


TEMPLATE = "vigie_template"
POSTGRES_BINARIES = "/usr/lib/postgresql/*/bin"


def _postgres_program(name: str) -> str | None:
    found = shutil.which(name) or next(iter(sorted(Path("/").glob(f"{POSTGRES_BINARIES[1:]}/{name}"))[::-1]), None)
    return str(found) if found else None


class PostgresServer:
    """A server of our own on loopback. It refuses to run as root; it then runs as the user `postgres`."""

    def __init__(self, initdb: str, postgres: str) -> None:
        self._postgres = postgres
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-postgres-", dir=memory()))
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(self.folder, user)
        self._run: dict[str, Any] = {"user": user, "cwd": self.folder}
        self._run |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.port = free_port()
        make = (initdb, "-D", self.folder / "db", "-A", "trust", "-U", "vigie", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(make, check=True, **self._run)
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://vigie@127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}")
        place = ("-D", self.folder / "db", "-p", str(self.port))
        options += ("-c", "fsync=off", "-c", f"max_connections={CONNECTIONS}")
        self._server = subprocess.Popen([self._postgres, *place, *options], **self._run)
        wait_until(self._ready, 30, "PostgreSQL takes connections")

    def _ready(self) -> bool:
        """By its own word: it listens before it takes connections."""
        said = self.folder / "db" / "postmaster.pid"
        return said.exists() and said.read_text("utf-8").splitlines()[7:8] == ["ready   "]

    def send_signal(self, sig: int) -> None:
        self._server.send_signal(sig)

    def stop(self) -> None:
        """At once: clients lose their connections."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(20)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def need_postgres() -> None:
    """Skips where this machine has no server; `CI=true` never skips."""
    missing = _postgres_program("initdb") is None or _postgres_program("postgres") is None
    if missing and not os.environ.get("CI"):
        pytest.skip("no PostgreSQL: neither a server on this machine nor VIGIE_TEST_POSTGRES")


def own_postgres() -> PostgresServer:
    """A new server. Skips where this machine has none."""
    need_postgres()
    initdb, postgres = _postgres_program("initdb"), _postgres_program("postgres")
    assert initdb is not None, "CI needs a PostgreSQL server: apt install postgresql"
    assert postgres is not None
    return PostgresServer(initdb, postgres)


@pytest.fixture(scope="session")
def postgres_url(run_folder: Path) -> str:
    """A server: the one that VIGIE_TEST_POSTGRES names, else one of our own, which the run shares."""
    if given := os.environ.get("VIGIE_TEST_POSTGRES"):
        return given
    need_postgres()
    return wished(run_folder, "postgres")


def _with_template() -> PostgresServer:
    """A new server with a database to be copied."""
    server = own_postgres()
    _make_template(server.url, TEMPLATE)
    return server


def _make_template(server: str, name: str) -> None:
    """A database with the whole schema."""
    from shared.store.migrate import upgrade

    execute(server, f"CREATE DATABASE {name}")
    upgrade(f"{server}/{name}")


@pytest.fixture(scope="session")
def _databases(postgres_url: str) -> Iterator[Databases]:
    """The databases of this process."""
    name = TEMPLATE
    if os.environ.get("VIGIE_TEST_POSTGRES"):
        name = f"vigie_{uuid.uuid4().hex[:12]}"
        _make_template(postgres_url, name)
    databases = Databases(postgres_url, name)
    yield databases
    databases.close()


@pytest.fixture
def database_url(_databases: Databases) -> Iterator[str]:
    """A PostgreSQL database of the test's own, migrated and empty."""
    database = _databases.take()
    yield database.url
    _databases.give_back(database)


SHARED: Mapping[str, Callable[[Path], Server]] = {
    "kafka": own_kafka,
    "postgres": lambda _folder: _with_template(),
    "commands": Imported,
}


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


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
