"""The collector beside `reader`, a Python library that updates feeds in threads: wall time and processor.

Both ask the same publishers on loopback, a server in a process of its own that answers after a pause (median
120 ms; the same for both, drawn anew for every round), each feed at an address of its own; both keep what they
find in SQLite. Vigie asks for robots.txt too, publishes an event for every entry durably and remembers each source
in its store. Phases: `cold` (everything is new), `warm` (nothing changed: 304), `changed` (one feed in twenty has
one more item). Each round runs both.

example: python benchmarks/polling.py --rounds 5
example: python benchmarks/polling.py --feeds 1000 --only vigie        beside the floor: feeds x median / 50
example: python benchmarks/polling.py --feeds 10000 --items 5 --only vigie --rounds 1       memory of one process
"""

# ruff: noqa: T201 - a benchmark prints

import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from common.publishers import FEED, place

from services.collector.app import build
from shared.bus import BULK, COLLECTED, TOPICS
from shared.bus.sqlite import SqliteBus
from shared.clock import SystemClock
from shared.config import Settings
from shared.memory import keep_loaded
from shared.sources.claims import make_due
from shared.store import Store
from shared.store.migrate import upgrade

READER: Final = ("reader==3.26", "sgmllib3k==1.0.0")  # the latter is wanted by the former, which does not say so
WORKERS: Final = 50  # of `reader`, and of the floor
PHASES: Final = ("cold", "warm", "changed")
SHARE_CHANGED: Final = 0.05
HERE: Final = Path(__file__)

Figures = Mapping[str, float]


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.12, help="seconds, median")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("reader", "vigie"))
    parser.add_argument(
        "--reader", type=Path, help=f"a Python that has {' and '.join(READER)}; default: a new environment"
    )
    parser.add_argument("--side", nargs=2, help="run Vigie's side in this process: FOLDER, file of addresses")
    args = parser.parse_args()
    if args.side:
        _vigie(Path(args.side[0]), Path(args.side[1]).read_text("utf-8").split())
        return
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        _compare(args, Path(folder))


def _compare(args: Namespace, folder: Path) -> None:
    sides = {"reader": _reader_command(args, folder)} if args.only != "vigie" else {}
    if args.only != "reader":
        sides["vigie"] = [sys.executable, str(HERE), "--side"]
    found: dict[tuple[str, str], list[Figures]] = {}
    for number in range(args.rounds):
        for side in sides if number % 2 == 0 else reversed(list(sides)):
            with _publishers(args, number) as port, tempfile.TemporaryDirectory(dir=folder) as own:
                urls = Path(own) / "urls"
                urls.write_text("\n".join(place(n, port) + FEED for n in range(args.feeds)), "utf-8")
                for phase, figures in _run(sides[side], side, Path(own), urls, args.feeds, port):
                    found.setdefault((side, phase), []).append(figures)
    _say(args, found)


def _run(
    command: Sequence[str], side: str, own: Path, urls: Path, feeds: int, port: int
) -> Iterator[tuple[str, Figures]]:
    """One process, phase after phase."""
    more = [str(own), str(urls), *([str(WORKERS), *PHASES] if side == "reader" else [])]
    with subprocess.Popen([*command, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        for phase in PHASES:
            if phase == "changed":
                _change(port, round(feeds * SHARE_CHANGED))
            process.stdin.write("go\n")
            process.stdin.flush()
            yield phase, json.loads(process.stdout.readline())


def _vigie(folder: Path, urls: Sequence[str]) -> None:
    """The service as it runs, alone in this process, with the embedded bus and store."""
    catalogue = folder / "sources.toml"
    blocks = (f'[[source]]\nid = "s{n}"\nkind = "feed"\nurl = "{url}"\n' for n, url in enumerate(urls))
    catalogue.write_text("\n".join(blocks), "utf-8")
    settings = Settings(
        data_dir=folder, sources=catalogue, allowed_networks=(ip_network("127.0.0.0/8"),), contact="benchmark"
    )
    url = f"sqlite:///{folder / 'vigie.db'}"
    upgrade(url)
    with closing(Store(url)) as store, closing(SqliteBus(folder / "bus.db")) as bus:
        bus.ensure_topics(TOPICS)
        service = build(settings, store, bus, SystemClock())
        keep_loaded()  # as `vigie run` does
        for turn, phase in enumerate(PHASES, 1):
            sys.stdin.readline()
            began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
            if turn == 1:
                service.start()
            else:
                with store.writing() as session:
                    make_due(session, [f"s{n}" for n in range(len(urls))], store.now(session))
            _wait(folder / "vigie.db", turn, len(urls))
            wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
            cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            events = sum(mark.end for mark in bus.marks([COLLECTED, COLLECTED + BULK]).values())
            figures = {"wall": wall, "cpu": cpu, "entries": events, "peak": now.ru_maxrss / 1024}
            print(json.dumps({"phase": phase, **figures}), flush=True)
        service.stop(10)


def _wait(database: Path, turn: int, sources: int) -> None:
    """Until all sources were polled so often; what looks costs next to nothing itself."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as looker:
        while looker.execute("SELECT count(*) FROM sources WHERE polls >= ?", (turn,)).fetchone() != (sources,):
            time.sleep(0.02)  # closer looks would count as the processor of what is measured


@contextmanager
def _publishers(args: Namespace, draw: int) -> Iterator[int]:
    command = [sys.executable, str(HERE.parent / "common" / "publishers.py")]
    command += [
        "--feeds",
        str(args.feeds),
        "--items",
        str(args.items),
        "--latency",
        str(args.latency),
        "--draw",
        str(draw),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _change(port: int, feeds: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"/change/{feeds}")
    connection.getresponse().read()
    connection.close()


def _reader_command(args: Namespace, folder: Path) -> Sequence[str]:
    python = args.reader
    if python is None:
        venv.create(folder / "reader", with_pip=True)
        python = folder / "reader" / "bin" / "python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *READER]
        subprocess.run(install, check=True)
    return [str(python), str(HERE.parent / "common" / "with_reader.py")]


def _say(args: Namespace, found: Mapping[tuple[str, str], Sequence[Figures]]) -> None:
    floor = args.feeds * args.latency / WORKERS
    print(f"{args.feeds} feeds of {args.items} items, median {args.latency * 1000:.0f} ms, floor {floor:.2f} s")
    print("seconds, median of the rounds (least - most); ratio to reader in each round, median")
    print(f"{'':<18}{'wall':>24}{'processor':>24}{'peak MB':>9}{'entries':>9}{'wall ratio':>11}{'cpu ratio':>11}")
    for (side, phase), rounds in sorted(found.items(), key=lambda each: (PHASES.index(each[0][1]), each[0][0])):
        ratios = ""
        if side == "vigie" and (others := found.get(("reader", phase))):
            pairs = list(zip(rounds, others, strict=True))
            ratios = "".join(
                f"{statistics.median(ours[name] / theirs[name] for ours, theirs in pairs):>11.2f}"
                for name in ("wall", "cpu")
            )
        wall, cpu = ([figures[name] for figures in rounds] for name in ("wall", "cpu"))
        peak, entries = (max(figures[name] for figures in rounds) for name in ("peak", "entries"))
        print(f"{phase + ' ' + side:<18}{_shown(wall):>24}{_shown(cpu):>24}{peak:>9.0f}{entries:>9.0f}{ratios}")


def _shown(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} - {max(seconds):.2f})"


if __name__ == "__main__":
    main()
