"""What do readers leave behind? Memory of a portal before, while and after many readers ask at once.

    python benchmarks/portal_memory.py [READERS]     default 50, for 20 seconds, on 5,000 invented items
    python benchmarks/portal_memory.py --database sqlite:////var/tmp/items.db     one that `search.py` filled

Prints the resident memory of the portal's process, its threads and open files, and how many pages it gave.
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from common.items import invented
from search import fill

from shared.store import Store
from shared.store.migrate import upgrade

REST: Final = 30.0  # seconds after the last reader
_PIECE: Final = 2**16
PATHS: Final = (
    "/de/",
    "/de/search?q=energie",
    "/fr/search?q=energie+netz+forschung",
    "/en/search?theme=energy&theme=health",
    "/de/search?q=kompetenz*&order=oldest",
    "/api/v1/items?limit=200",
    "/de/search.atom?q=energie",
    "/de/search.csv?q=theme:energy",
    "/de/search.json",
    "/de/sources",
    "/api/v1/status",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", type=int, nargs="?", default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--database", help="one that has items")
    args = parser.parse_args()
    with TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        if not args.database:
            _archive(folder, args.items)
        _measure(folder, args.database, args.readers, args.seconds)


def _archive(folder: Path, count: int) -> None:
    url = f"sqlite:///{folder / 'vigie.db'}"
    upgrade(url)
    store = Store(url)
    fill(store, invented(count))
    store.close()


def _measure(folder: Path, database: str | None, readers: int, seconds: float) -> None:
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    environ = kept | {"VIGIE_DATA_DIR": str(folder), "VIGIE_HTTP": f"127.0.0.1:{port}"}
    environ |= {"VIGIE_DATABASE_URL": database} if database else {}
    command = [sys.executable, "-m", "services.cli", "run", "--alone", "portal"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        time.sleep(2)
        start = _say("at the start", process.pid, 0.0)
        given = _read(port, readers, seconds)
        _say(f"after {readers} readers", process.pid, start)
        time.sleep(REST)
        _say(f"{REST:.0f} s later", process.pid, start)
        print("answers: " + ", ".join(f"{status}: {count}" for status, count in sorted(given.items())))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _read(port: int, readers: int, seconds: float) -> Counter[str]:
    given: Counter[str] = Counter()
    end = time.monotonic() + seconds

    def read(number: int) -> None:
        turn = number
        while time.monotonic() < end:
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=120)
                connection.request("GET", PATHS[turn % len(PATHS)])
                answer = connection.getresponse()
                while time.monotonic() < end and answer.read(_PIECE):  # an export of everything has no end
                    pass
                given[str(answer.status)] += 1
                connection.close()
            except (OSError, HTTPException) as error:
                given[type(error).__name__] += 1
            turn += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def _say(when: str, pid: int, start: float) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    resident, peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[index]
    threads, files = re.search(r"Threads:\s+(\d+)", status)[1], len(os.listdir(f"/proc/{pid}/fd"))  # type: ignore[index]
    share = f" ({resident / start:.2f} x its start)" if start else ""
    print(f"{when:<20} {resident:6.0f} MB{share}, at most {peak:.0f} MB; {threads} threads, {files} files")
    return resident


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the portal did not start within a minute")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
