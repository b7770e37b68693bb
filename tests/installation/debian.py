"""A Debian of its own in a folder, made by debootstrap and entered by chroot.

Its mounts live in a namespace that ends with the command, and so do the processes that the command started.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

NEEDED: Final = ("debootstrap", "unshare", "git")
OF_THE_NETWORK: Final = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
OF_THIS_RUN: Final = ("VIGIE_", "PYTEST_", "VIRTUAL_ENV", "MAKE", "TMPDIR")  # what begins so stays outside
APART: Final = ("unshare", "-m")  # with mounts of its own
LAST: Final = 60  # lines of a command that failed
_ENTER: Final = """
mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" || exit 1
exec chroot "$0" sh -c "$1"
"""


@dataclass(frozen=True, slots=True)
class Debian:
    """A root folder with a minimal Debian, and the network settings of this machine."""

    root: Path

    def run(self, command: str) -> str:
        """The output of a shell command inside. Fails the test, with its last lines, when the command fails."""
        given = {name: value for name, value in os.environ.items() if not name.startswith(OF_THIS_RUN)}
        given |= {"LANG": "C.UTF-8", "PATH": "/usr/bin:/usr/sbin"}
        return _done([*APART, "-p", "-f", "--kill-child", "sh", "-c", _ENTER, str(self.root), command], given)


def debian(root: Path, release: str, packages: Sequence[str]) -> Debian:
    """Skips the test where this machine cannot make one."""
    if os.geteuid() != 0:
        pytest.skip("a Debian root needs root")
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        pytest.skip(f"no Debian root: {' and '.join(missing)} missing")
    if subprocess.run([*APART, "mount", "-t", "tmpfs", "none", "/mnt"], check=False).returncode:
        pytest.skip("no Debian root: this machine does not let us mount")
    made = ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", release, str(root)]
    _done([*APART, *made], dict(os.environ))  # it mounts too, and may be interrupted
    for name in (*OF_THE_NETWORK, *_certificates()):
        if Path(name).is_file():
            inside = root / name.removeprefix("/")
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, inside)
    return Debian(root)


def copy_of_the_repository(source: Path, target: Path) -> None:
    """What git knows or would add; nothing that was built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def _certificates() -> Sequence[str]:
    """Files that the environment names for the authorities of this network."""
    return [value for name, value in os.environ.items() if name.endswith(("_CERT", "_CERT_FILE", "_CA_BUNDLE"))]


def _done(command: Sequence[str], environment: dict[str, str]) -> str:
    ran = subprocess.run(
        command, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if ran.returncode:
        pytest.fail("\n".join([f"{command[0]} ended with {ran.returncode}:", *ran.stdout.splitlines()[-LAST:]]))
    return ran.stdout
