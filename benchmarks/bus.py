"""The embedded bus beside bare SQLite inserts: what groups, offsets and wake-ups cost.

Both write 1 KB messages to a file of their own with WAL and synchronous=FULL. Runs are interleaved, medians count.

example: python benchmarks/bus.py
example: python benchmarks/bus.py --messages 2000 --runs 3
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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
    """As the loop does: poll, note what is in hand, commit."""
    bus = SqliteBus(folder / "bus.db")
    reader = bus.reader("topic", "group")
    done = 0
    while done < count:
        records = reader.poll(batch, 1.0)
        reader.begin(records)
        reader.commit(records)
        done += len(records)
    reader.close()
    bus.close()


def seconds(work: Callable[[Path, int, int], None], folder: Path, count: int, batch: int) -> float:
    begun = time.perf_counter()
    work(folder, count, batch)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=500, help="per run at batch 1; ten times as many above")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print("1 KB messages per second, median of the runs (least - most)")
    print(f"{'':<26}{'bare sqlite3':>26}{'embedded bus':>26}{'bus / bare':>12}")
    for batch in BATCHES:
        count = args.messages * (1 if batch == 1 else 10)
        rates: dict[Callable[[Path, int, int], None], list[float]] = {}
        for _ in range(args.runs):
            with tempfile.TemporaryDirectory() as folder:
                for work in (bare_publish, bus_publish, bare_read, bus_read):
                    rates.setdefault(work, []).append(count / seconds(work, Path(folder), count, batch))
        for name, bare, bus in (("publish", bare_publish, bus_publish), ("read + commit", bare_read, bus_read)):
            ratio = statistics.median(rates[bus]) / statistics.median(rates[bare])
            print(f"{f'{name}, batch {batch}':<26}{shown(rates[bare]):>26}{shown(rates[bus]):>26}{ratio:>11.2f}x")


def shown(rates: list[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} - {max(rates):,.0f})"


if __name__ == "__main__":
    main()
