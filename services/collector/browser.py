"""Reads a page that a script fills: Chromium runs it and prints what it shows. Off unless VIGIE_BROWSER names one.

All its requests go through a guarded proxy of our own; by itself it can resolve no name and reach no address. One
visit at a time, each with a profile of its own, and an end: in time, in memory, and in what it may print.
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Final

from shared.config import Settings, environment_with
from shared.errors import ConfigError, FetchFailed, NotAFeed, Trouble
from shared.web.client import MAX_BYTES, Fetched
from shared.web.headers import user_agent
from shared.web.local_proxy import local_proxy

SECONDS: Final = 45.0  # for one visit
PAGE_TIME: Final = 10_000  # milliseconds of the page's own clock that its scripts get
MEMORY: Final = 1_500_000_000  # bytes of all its processes
_KNOWN: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--no-first-run",
    "--disable-quic", "--no-pings", "--mute-audio", "--blink-settings=imagesEnabled=false",
    "--renderer-process-limit=1", "--js-flags=--max-old-space-size=256",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--proxy-bypass-list=<-loopback>",
)  # fmt: skip
_ERROR_PAGE: Final = b'id="main-frame-error"'


class Browser:
    """Chromium, visited for one page at a time. Thread-safe."""

    def __init__(self, settings: Settings, command: Sequence[str]) -> None:
        self._settings, self._command = settings, tuple(command)
        self._lock = Lock()

    def rendered(self, fetched: Fetched, seconds: float = SECONDS) -> Fetched:
        """The page as it is once its scripts have run. Raises FetchFailed where it cannot be shown in time."""
        with self._lock, tempfile.TemporaryDirectory(prefix="vigie-browser-") as profile:
            with local_proxy(self._settings, seconds) as proxy:
                command = self._arguments(fetched.url, profile, proxy.address)
                shown, why = _run(command, profile, seconds)
            refused = proxy.refused[0] if proxy.refused else ""
        if why or not shown.strip() or _ERROR_PAGE in shown:
            reason = why or refused or "it shows an error page"
            raise FetchFailed(f"the browser cannot show {fetched.url}: {reason}", Trouble.TIMEOUT)
        return replace(fetched, body=shown, content_type="text/html; charset=utf-8", etag=None, last_modified=None)

    def _arguments(self, url: str, profile: str, proxy: str) -> Sequence[str]:
        return (
            *self._command,
            *_FLAGS,
            f"--proxy-server=http://{proxy}",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            f"--user-agent={user_agent(self._settings)}",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={PAGE_TIME}",
            "--dump-dom",
            url,
        )


def browser(settings: Settings) -> Browser | None:
    """The browser of VIGIE_BROWSER, None without one. Raises ConfigError where it is not there."""
    if not settings.browser:
        return None
    name, *options = shlex.split(settings.browser)
    names = _KNOWN if name == "chromium" else (name,)
    found = next((path for each in names if (path := shutil.which(each))), None)
    if found is None:
        raise ConfigError(
            f"VIGIE_BROWSER names {name!r}, which is no program here: install it, or say where it is."
        )
    return Browser(settings, (found, *options))


def needs_browser(url: str) -> NotAFeed:
    """What is said of a page that only a browser can read, where there is none."""
    return NotAFeed(f"a script fills {url}, which only a browser reads: set VIGIE_BROWSER")


def _run(command: Sequence[str], profile: str, seconds: float) -> tuple[bytes, str]:
    """What the program prints, and why it was ended; it and all that it started."""
    environment = dict(environment_with({})) | {
        "HOME": profile,
        "XDG_CONFIG_HOME": profile,
        "XDG_CACHE_HOME": profile,
    }
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    kept: list[bytes] = []
    reading = Thread(target=_keep, args=(process.stdout, kept), daemon=True)
    reading.start()
    try:
        why = _watched(process, reading, kept, time.monotonic() + seconds)
    finally:
        _end(process)
        reading.join(5.0)
        process.stdout.close()
    return b"".join(kept), why


def _keep(printed: IO[bytes], kept: list[bytes]) -> None:
    size = 0
    while size <= MAX_BYTES and (piece := printed.read(65_536)):
        kept.append(piece)
        size += len(piece)


def _watched(process: "subprocess.Popen[bytes]", reading: Thread, kept: list[bytes], end: float) -> str:
    """Wait until all is printed. Why it is to be ended before; empty where it ended by itself."""
    while reading.is_alive():
        reading.join(0.2)
        if time.monotonic() > end:
            return "it did not get done in time"
        if _memory(process.pid) > MEMORY:
            return f"it needs more than {MEMORY / 1e9:.1f} GB of memory"
    return f"it is larger than {MAX_BYTES / 1e6:.0f} MB" if sum(map(len, kept)) > MAX_BYTES else ""


def _memory(group: int) -> int:
    """Bytes that the processes of a group hold, where the system says so."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
