"""A Kafka broker and a PostgreSQL server on loopback, for the time of a benchmark, where none is given.

PostgreSQL writes durably (fsync on), as it does in service; Kafka leaves that to the page cache, as it does by
default.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

BROKER: Final = Path(__file__).parents[2] / "deploy" / "kafka" / "broker.py"
POSTGRES: Final = "usr/lib/postgresql/*/bin"
START_SECONDS: Final = 30


class NotHere(Exception):
    """This machine lacks what a server needs."""


@contextmanager
def where_possible() -> Iterator[None]:
    """Leave out, and say so, what cannot be measured on this machine."""
    try:
        yield
    except NotHere as missing:
        print(f"left out: {missing}", file=sys.stderr)  # noqa: T201 - a benchmark prints


@contextmanager
def kafka(given: str | None) -> Iterator[str]:
    """kafka://… of the broker given, or of a new one with one node. Raises NotHere."""
    if given:
        yield given
        return
    if missing := [program for program in ("java", "mvn") if shutil.which(program) is None]:
        raise NotHere(f"no Kafka: {' and '.join(missing)} missing, and no --kafka given")
    broker = _broker_module()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        cluster = broker.Cluster(Path(folder), 1, free_port())
        processes = broker.start(cluster)
        try:
            yield f"kafka://{cluster.bootstrap}"
        finally:
            broker.stop(cluster.folder)
            for process in processes:
                process.wait()


@contextmanager
def postgres(given: str | None) -> Iterator[str]:
    """postgresql+psycopg://… of an empty database: the one given, or one on a new server. Raises NotHere."""
    if given:
        yield given
        return
    initdb, server = _postgres_program("initdb"), _postgres_program("postgres")
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if user:
            shutil.chown(folder, user)
        run: dict[str, Any] = {
            "user": user,
            "cwd": folder,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        make = (initdb, "-D", f"{folder}/db", "-A", "trust", "-U", "vigie", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(make, check=True, **run)
        port = free_port()
        options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}")
        process = subprocess.Popen([server, "-D", f"{folder}/db", "-p", str(port), *options], **run)
        try:
            _wait_for(port)
            yield f"postgresql+psycopg://vigie@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def free_port() -> int:
    """A port below the ones that the kernel gives to clients, free together with the one 1000 above."""
    for port in range(24_092, 30_000, 10):
        if not _listens(port) and not _listens(port + 1000):
            return port
    raise SystemExit("no free port between 24092 and 30000")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while not _listens(port):
        if time.monotonic() > end:
            raise SystemExit(f"PostgreSQL does not listen after {START_SECONDS} s")
        time.sleep(0.1)


def _postgres_program(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(Path("/").glob(f"{POSTGRES}/{name}"), reverse=True)), None)
    if found is None:
        raise NotHere(f"no PostgreSQL: {name} is missing, and no --postgres given")
    return str(found)


def _broker_module() -> ModuleType:
    """deploy/ is no package: a script that people run."""
    spec = spec_from_file_location("broker", BROKER)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{BROKER} is missing")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
