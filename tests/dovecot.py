"""A real Dovecot in folders of its own, on a port of its own: the mailbox that newsletters arrive in."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

from tests.certificates import Authority, an_authority
from tests.pipeline.harness import free_port, wait_until
from tests.real import _listens

USER: Final = "presse"
PASSWORD: Final = "Gänse/füttern@17"  # in an address it has to be escaped
ESCAPED: Final = "G%C3%A4nse%2Ff%C3%BCttern%4017"
CONFIG: Final = """
base_dir = {run}
state_dir = {run}
log_path = {log}
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = {ssl}
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = {private}
mail_location = maildir:{mail}/%u
mail_max_userip_connections = {connections}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {users}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def needs_dovecot() -> None:
    """Skip the test where there is none, or another than these settings are for."""
    if shutil.which("dovecot") is None:
        pytest.skip("dovecot is not here: apt install dovecot-imapd")
    said = subprocess.run(["dovecot", "--version"], check=False, capture_output=True, text=True).stdout
    if not said.startswith("2.3."):
        pytest.skip(f"dovecot {said.strip()} is not set up as 2.3 is")
    if os.getuid() != 0:
        pytest.skip("dovecot is run by root here")


class Dovecot:
    """`tls` is `required` or `no`; `tls_port` speaks TLS from the first byte, `plain_port` offers STARTTLS."""

    def __init__(self, *, tls: str = "required", connections: int = 50) -> None:
        needs_dovecot()
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-dovecot-", dir="/tmp"))
        self.folder.chmod(0o755)  # its daemons are other users
        self.plain_port, self.tls_port = free_port(), free_port()
        self._tls, self._connections = tls, connections
        self.authority: Authority = an_authority(self.folder)
        self.authority.server("localhost", "IP:127.0.0.1")
        self._process: subprocess.Popen[bytes] | None = None
        self._delivered = 0

    @property
    def url(self) -> str:
        return f"imaps://{USER}:{ESCAPED}@127.0.0.1:{self.tls_port}"

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def deliver(self, mail: bytes, folder: str = "INBOX", received: float | None = None) -> Path:
        """Put a mail into a folder, as a delivery agent does, and say where it lies."""
        box = self.folder / "mail" / USER
        place = box if folder == "INBOX" else box / f".{folder}"
        for name in ("tmp", "new", "cur"):
            (place / name).mkdir(parents=True, exist_ok=True)
        self._delivered += 1
        name = f"{time.time():.6f}.{self._delivered}.test"
        (place / "tmp" / name).write_bytes(mail)
        if received is not None:
            os.utime(place / "tmp" / name, (received, received))
        self._give_away()
        return (place / "tmp" / name).rename(place / "new" / name)

    def make(self, folder: str) -> None:
        """An empty folder."""
        for name in ("tmp", "new", "cur"):
            (self.folder / "mail" / USER / f".{folder}" / name).mkdir(parents=True, exist_ok=True)
        self._give_away()

    def logged(self, words: str, times: int) -> bool:
        """Whether the log says so as often, which it does a moment after the fact."""
        wait_until(lambda: self.log.count(words) >= times, 10, f"{words} in the log {times} times")
        return self.log.count(words) == times

    def files(self, folder: str = "INBOX") -> dict[str, bytes]:
        """Every mail of a folder by its file's name, which holds the flags, to compare."""
        place = self.folder / "mail" / USER / ("" if folder == "INBOX" else f".{folder}")
        return {path.name: path.read_bytes() for part in ("new", "cur") for path in (place / part).iterdir()}

    def remove(self, *mails: Path) -> None:
        """Take delivered mails away; a look at them may have moved them."""
        for mail in mails:
            for place in ("new", "cur"):
                for path in (mail.parent.parent / place).glob(f"{mail.name}*"):
                    path.unlink()

    def number_anew(self, folder: str = "INBOX") -> None:
        """What a server does that lost its index, or whose mails moved to another one: a new UIDVALIDITY."""
        place = self.folder / "mail" / USER / ("" if folder == "INBOX" else f".{folder}")
        for path in place.glob("dovecot*"):
            path.unlink()
        lines = f"3 V{int(time.time()) + 1000} N1 G{secrets.token_hex(16)}\n"
        (place / "dovecot-uidlist").write_text(lines, "ascii")
        self._give_away()

    def _give_away(self) -> None:
        """Its mail belongs to the user that it reads it as."""
        nobody = pwd.getpwnam("nobody")
        for path in (self.folder / "mail").rglob("*"):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def __enter__(self) -> Self:
        nobody = pwd.getpwnam("nobody")
        (self.folder / "run").mkdir()
        (self.folder / "mail" / USER).mkdir(parents=True)
        os.chown(self.folder / "mail", nobody.pw_uid, nobody.pw_gid)
        self._give_away()
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
        (self.folder / "users").chmod(0o644)
        values = {
            "run": self.folder / "run",
            "log": self.folder / "log",
            "internal": "dovecot",
            "login": "dovenull",
            "group": "dovecot",
            "ssl": self._tls,
            "private": "yes" if self._tls == "required" else "no",
            "cert": self.folder / "server.pem",
            "key": self.folder / "server.key",
            "mail": self.folder / "mail",
            "users": self.folder / "users",
            "uid": nobody.pw_uid,
            "gid": nobody.pw_gid,
            "plain": self.plain_port,
            "connections": self._connections,
            "tls": self.tls_port,
        }
        config = self.folder / "dovecot.conf"
        config.write_text(CONFIG.format(**values), "utf-8")
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(config)])
        wait_until(lambda: _listens(self.plain_port), 20, f"dovecot on its port; {self.log[-2000:]}")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.log[-4000:])  # noqa: T201 - shown by pytest with the failure
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)
