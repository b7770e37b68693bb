"""Mail servers of Debian, each in a root of its own: a layer in memory over this machine's, gone when it ends.

In there the package is installed, which takes another's place (postfix and exim4 do not stand side by side), adds
its users and reads its settings where it always does. Nothing outside changes.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

from tests.pipeline.harness import free_port, wait_until
from tests.real import _listens

APART: Final = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
ROOT: Final = """
set -e
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
mount --rbind /dev /mnt/root/dev
mount -t proc proc /mnt/root/proc
mkdir -p /mnt/root"$0"
mount --bind "$0" /mnt/root"$0"
exec chroot /mnt/root sh -c "$1"
"""
INSTALL: Final = """
set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
apt-get install --yes --no-install-recommends {packages} || touch {folder}/not-here
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' > /etc/resolv.conf
printf 'hosts: files\n' > /etc/nsswitch.conf
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A mail server: what to install, and how to run it in the foreground; `port` and `next_hop` are put in."""

    packages: str
    script: str


EXIM: Final = Kind(
    "exim4-daemon-light",
    """
cat > /etc/exim4/exim4.conf <<'END'
primary_hostname = relay.example.org
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
acl_smtp_rcpt = all
keep_environment =
begin acl
all:
  accept
begin routers
next:
  driver = manualroute
  domains = ! nowhere.example.org
  transport = out
  route_list = * 127.0.0.1
  self = send
begin transports
out:
  driver = smtp
  port = {next_hop}
  hosts_try_chunking =
  allow_localhost
begin retry
* * F,1s,1s
END
mkdir -p /run/exim4 /var/spool/exim4 /var/log/exim4
chown -R Debian-exim: /run/exim4 /var/spool/exim4 /var/log/exim4
exec exim4 -bdf -q2s
""",
)
OPENSMTPD: Final = Kind(
    "opensmtpd",
    """
cat > /etc/smtpd.conf <<'END'
queue ttl 5s
listen on 127.0.0.1 port {port} hostname relay.example.org
action "out" relay host smtp://127.0.0.1:{next_hop}
match from any for any action "out"
END
exec smtpd -d
""",
)
SENDMAIL: Final = Kind(
    "sendmail-bin sendmail-cf m4",
    """
cat > /etc/mail/own.mc <<'END'
OSTYPE(`linux')
define(`SMART_HOST', `smtp:[127.0.0.1]')
define(`SMTP_MAILER_ARGS', `TCP $h {next_hop}')
define(`confTO_QUEUERETURN', `4s')
define(`confQUEUE_LA', `1000')
define(`confREFUSE_LA', `1000')
define(`confPID_FILE', `/run/sendmail.pid')
define(`confDOMAIN_NAME', `relay.example.org')
FEATURE(`accept_unresolvable_domains')
FEATURE(`promiscuous_relay')
FEATURE(`nocanonify')
FEATURE(`no_default_msa')
DAEMON_OPTIONS(`Port={port},Addr=127.0.0.1,Name=MTA')
MAILER(`smtp')
END
cd /usr/share/sendmail/cf/cf
m4 ../m4/cf.m4 /etc/mail/own.mc > /etc/mail/own.cf
mkdir -p /var/spool/mqueue
chown root:root /var/spool/mqueue
chmod 700 /var/spool/mqueue
exec /usr/libexec/sendmail/sendmail -C/etc/mail/own.cf -bD -q2s
""",
)


class MailServer:
    """A server of the kind, which hands all mail to `next_hop` on loopback. Skips the test where it cannot run."""

    def __init__(self, kind: Kind, next_hop: int) -> None:
        if os.geteuid() != 0:
            pytest.skip("a mail server of Debian wants root")
        if missing := [program for program in ("unshare", "apt-get") if shutil.which(program) is None]:
            pytest.skip(f"no mail server of Debian: {' and '.join(missing)} missing")
        if subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], check=False).returncode:
            pytest.skip("no mail server of Debian: this machine does not let us mount")
        self._kind, self._next_hop = kind, next_hop
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-mta-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        install = INSTALL.format(packages=self._kind.packages, folder=self.folder)
        script = install + self._kind.script.format(port=self.port, next_hop=self._next_hop)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*APART, "sh", "-c", ROOT, str(self.folder), script], stdout=log, stderr=log
            )
        try:
            wait_until(self._ready, 300, "the mail server listens")
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        if (self.folder / "not-here").exists():
            self.__exit__(None, None, None)
            pytest.skip(f"apt cannot give {self._kind.packages}: is there a mirror?")
        return self

    def _ready(self) -> bool:
        assert self._process is not None
        if (self.folder / "not-here").exists():
            return True
        assert self._process.poll() is None, self.log[-3000:]
        return _listens(self.port)

    def _first(self) -> list[int]:
        """The process that is number 1 in there. exim is set-uid, and so forgets whose death it should die of."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text("ascii").split()] if children.exists() else []

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        for first in self._first():
            os.kill(first, signal.SIGKILL)  # and with it all others of its world of processes
        self._process.kill()
        self._process.wait()
        wait_until(lambda: not _listens(self.port), 20, "the end of the mail server")
        if error is not None:
            print(self.log[-4000:])  # noqa: T201 - shown by pytest with the failure
        shutil.rmtree(self.folder, ignore_errors=True)
