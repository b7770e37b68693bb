"""A real postfix in folders of its own, on ports of its own: what the product meets at its relay."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

from tests.pipeline.harness import free_port, wait_until
from tests.real import _listens

# what Debian's master.cf has, without what speaks to the machine, and nothing in a cage
MASTER: Final = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
MAIN: Final = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "command_directory": "/usr/sbin",
    "daemon_directory": "/usr/lib/postfix/sbin",
    "myhostname": "relay.example.org",
    "mydestination": "",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mynetworks": "127.0.0.0/8",
    "alias_maps": "",
    "alias_database": "",
    "default_database_type": "hash",
    "smtpd_peername_lookup": "no",
    "smtp_host_lookup": "native",
    "smtputf8_enable": "no",
    "maillog_file_prefixes": "/tmp",
}


def needs_postfix() -> None:
    """Skip the test where there is none, or where it cannot be run: it wants to be started by root."""
    if shutil.which("postfix") is None or not Path("/usr/lib/postfix/sbin/master").exists():
        pytest.skip("postfix is not here: apt install postfix")
    if os.getuid() != 0:
        pytest.skip("postfix runs for root alone")


class Postfix:
    """`next_hop` is the port of the server that it hands mail to. `more` are settings of `main.cf`."""

    def __init__(self, next_hop: int, **more: str) -> None:
        needs_postfix()
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-postfix-", dir="/tmp"))
        self.folder.chmod(0o755)  # its daemons are other users
        self.port = free_port()
        self._settings = {
            **MAIN,
            "queue_directory": str(self.folder / "queue"),
            "data_directory": str(self.folder / "data"),
            "maillog_file": str(self.folder / "mail.log"),
            "relayhost": f"[127.0.0.1]:{next_hop}",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        path = self.folder / "mail.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def set(self, **settings: str) -> None:
        """Change settings as an operator does, while it runs."""
        self._settings |= settings
        self._write(self._settings)
        self._command("reload")

    def _write(self, settings: Mapping[str, str]) -> None:
        config = self.folder / "etc"
        config.mkdir(exist_ok=True)
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (config / "main.cf").write_text(lines, "utf-8")
        (config / "master.cf").write_text(MASTER.format(port=self.port), "utf-8")

    def _command(self, *arguments: str) -> None:
        subprocess.run(["postfix", "-c", str(self.folder / "etc"), *arguments], check=True, capture_output=True)

    def __enter__(self) -> Self:
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        self._write(self._settings)
        self._command("start")
        wait_until(lambda: _listens(self.port), 20, f"postfix on its port; {self.log[-2000:]}")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.log[-4000:])  # noqa: T201 - shown by pytest with the failure
        subprocess.run(["postfix", "-c", str(self.folder / "etc"), "stop"], check=False, capture_output=True)
        wait_until(lambda: not _listens(self.port), 20, "the end of postfix")
        shutil.rmtree(self.folder, ignore_errors=True)
