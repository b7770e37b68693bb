"""The product as a child process, with the demonstration's settings and folder. It ends when this process ends."""

import os
import subprocess
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from shared.config import Settings, environment_with, load_settings
from shared.errors import VigieError
from shared.supervise import vigie_command

STOP_WITHIN: Final = 15.0  # seconds: the worker's own limit is shorter
LOG_LINES: Final = 15  # shown when something went wrong


class Product:
    """`vigie` with settings of its own; `start` runs all services."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.log = folder / "vigie.log"
        self.sources = folder / "sources.toml"
        self._environment = environment_with(
            {
                "data_dir": str(folder / "data"),
                "sources": str(self.sources),
                "http": address,
                "allowed_networks": "127.0.0.0/8",
                "min_interval": "2",
                "instant_per_hour": "0",  # the demonstration shows every mail by itself
                "instance": "demo",
                "model": "lexicon",  # starts at once and needs no download
            }
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1  # the worker ends when this end of its pipe closes

    @property
    def settings(self) -> Settings:
        return load_settings(self._environment, self.folder)

    def command(self, *arguments: str) -> None:
        """Run a command to its end. Raises VigieError with what it said."""
        done = subprocess.run(
            vigie_command(arguments),
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise VigieError(f"`vigie {arguments[0]}` ended with {done.returncode}: {done.stderr.strip()}")

    def start(self) -> None:
        theirs, self._pipe = os.pipe()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                vigie_command(("run", "--worker", str(theirs))),
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs,),
            )
        os.close(theirs)

    def check(self) -> None:
        """Raises VigieError when the product has ended, with the last lines of its log."""
        if self._process is None or self._process.poll() is None:
            return
        raise VigieError(
            f"the services ended with {self._process.returncode}. Their last words:\n{self.last_words()}"
        )

    def last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-LOG_LINES:])

    def answers(self) -> bool:
        """Whether the portal is up."""
        connection = HTTPConnection(*self.settings.http_host_port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
