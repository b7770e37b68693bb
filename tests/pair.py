"""A real PostgreSQL primary with its standby, which may be promoted; the primary silenced or made read-only."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.pipeline.harness import free_port, wait_until
from tests.real import CONNECTIONS, PostgresServer, _listens, _postgres_program, own_postgres

READY = 60.0  # seconds


class Pair:
    """Two servers on loopback. What the primary acknowledges, the standby has: nothing goes with the primary."""

    def __init__(self) -> None:
        self.primary: PostgresServer = own_postgres()
        self._user = "postgres" if os.geteuid() == 0 else None
        self.port = free_port()
        self._folder = self.primary.folder / "standby"
        self._run: dict[str, Any] = {"user": self._user, "cwd": self.primary.folder}
        self._run |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        backup = _postgres_program("pg_basebackup")
        assert backup is not None
        source = ("-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "vigie")
        subprocess.run((backup, "-D", self._folder, "-R", "-X", "stream", *source), check=True, **self._run)
        self._standby = self._start()
        wait_until(
            lambda: self.ask(self.primary.port, "SELECT count(*) FROM pg_stat_replication"), READY, "a standby"
        )
        self.ask(self.primary.port, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask(self.primary.port, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
        self.ask(self.primary.port, "SELECT pg_reload_conf()")

    def promote(self) -> None:
        """The standby takes writes from now on, and waits for nobody."""
        self.ask(self.port, "SELECT pg_promote(true, 60)")
        self.ask(self.port, "ALTER SYSTEM SET synchronous_standby_names = ''")
        self.ask(self.port, "SELECT pg_reload_conf()")

    def silence(self) -> None:
        """The primary and each of its processes stand still: connections stay open, and nobody answers."""
        for pid in self._processes(self.primary.port):
            os.kill(pid, signal.SIGSTOP)

    def make_read_only(self) -> None:
        """The primary serves on, and takes no more writes: as one that was demoted in time."""
        self.ask(self.primary.port, "ALTER SYSTEM SET default_transaction_read_only = on")
        self.ask(self.primary.port, "SELECT pg_reload_conf()")

    def ask(self, port: int, statement: str) -> Any:
        place = f"host=127.0.0.1 port={port} user=vigie dbname=postgres connect_timeout=5"
        with psycopg.connect(place, autocommit=True) as connection:
            found = connection.execute(statement)  # type: ignore[arg-type]
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    def remove(self) -> None:
        for pid in self._processes(self.primary.port):
            os.kill(pid, signal.SIGCONT)
        self._standby.send_signal(signal.SIGINT)
        self._standby.wait(30)
        self.primary.remove()

    def _start(self) -> subprocess.Popen[bytes]:
        postgres = _postgres_program("postgres")
        assert postgres is not None
        options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}")
        options += ("-c", "fsync=off", "-c", f"max_connections={CONNECTIONS}")  # no fewer than the primary takes
        command = (postgres, "-D", self._folder, "-p", str(self.port), *options)
        standby = subprocess.Popen(command, **self._run)
        wait_until(lambda: _listens(self.port), READY, "the standby listens")
        wait_until(self._serves, READY, "the standby serves")
        return standby

    def _serves(self) -> bool:
        try:
            return bool(self.ask(self.port, "SELECT pg_is_in_recovery()"))
        except psycopg.OperationalError:
            time.sleep(0.1)
            return False

    def _processes(self, port: int) -> list[int]:
        """The server of a port, and its children."""
        folder = self.primary.folder / "db" if port == self.primary.port else self._folder
        main = int((folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]
