"""The embedded bus beside bare SQLite inserts: what groups, offsets and wake-ups cost.

Both write 1 KB messages to a file of their own with WAL and synchronous=FULL. Rounds are taken in turn; the ratio
of each round counts.

example: python benchmarks/bus.py
example: python benchmarks/bus.py --messages 2000 --rounds 5
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from common.rounds import HEADING, Compared

from shared.bus import Message
from shared.bus.sqlite import SqliteBus

VALUE = b"x" * 1024
BATCHES = (1, 10, 100)


def bare_publish(folder: Path, count: int, batch: int) -> None:
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, key TEXT, value BLOB)")
    for _ in range(count // batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO records (key, value) VALUES (?, ?)", [("key", VALUE)] * batch)
        connection.execute("COMMIT")
    connection.close()


def bus_publish(folder: Path, count: int, batch: int) -> None:
    bus = SqliteBus(folder / "bus.db")
    for _ in range(count // batch):
        bus.publish("topic", [Message("key", VALUE, {"traceparent": "00-ab-cd-01"})] * batch)
    bus.close()


def bare_read(folder: Path, count: int, batch: int) -> None:
    """Read in batches and note the place durably after each."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE place (at INTEGER)")
    connection.execute("INSERT INTO place VALUES (0)")
    at = 0
    while at < count:
        rows = connection.execute("SELECT * FROM records WHERE id > ? ORDER BY id LIMIT ?", (at, batch)).fetchall()
        at = rows[-1][0]
        connection.execute("UPDATE place SET at = ?", (at,))
    connection.close()


def bus_read(folder: Path, count: int, batch: int) -> None:
    """As the loop does while records wait: a commit notes the next ones as in hand, too."""
    bus = SqliteBus(folder / "bus.db")
    reader = bus.reader("topic", "group")
    records = reader.poll(batch, 1.0)
    reader.begin(records)
    done = 0
    while records:
        done += len(records)
        then = reader.poll(batch, 0.0)
        reader.commit(records, then)
        records = then
    if done != count:
        raise SystemExit(f"{done} of {count} records came")
    reader.close()
    bus.close()


def rate(work: Callable[[Path, int, int], None], folder: Path, count: int, batch: int) -> float:
    begun = time.perf_counter()
    work(folder, count, batch)
    return count / (time.perf_counter() - begun)


def compared(count: int, batch: int, rounds: int) -> Mapping[str, Compared]:
    """Publish and read on new files each round, since what is read must have been published."""
    rates: dict[Callable[[Path, int, int], None], list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for work in (bare_publish, bus_publish, bare_read, bus_read):
                rates.setdefault(work, []).append(rate(work, Path(folder), count, batch))
    return {
        "publish": Compared(rates[bare_publish], rates[bus_publish]),
        "read + commit": Compared(rates[bare_read], rates[bus_read]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=500, help="per round at batch 1; ten times as many above")
    parser.add_argument("--rounds", type=int, default=11)
    args = parser.parse_args()
    print("1 KB messages per second, median of the rounds (least - most); ratio: median (quartiles)")
    print(HEADING)
    for batch in BATCHES:
        count = args.messages * (1 if batch == 1 else 10)
        for name, found in compared(count, batch, args.rounds).items():
            print(found.row(f"{name}, batch {batch}"), flush=True)


if __name__ == "__main__":
    main()
