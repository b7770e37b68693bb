"""How fast is the archive? Inserts invented items through the archivist's step and asks typical questions.

    python benchmarks/search.py [ITEMS]        default 20,000, on SQLite
    python benchmarks/search.py 100000 --on postgres

Prints the insert rate, the size on disk, and the median and worst of nine runs of each query (first page of 20
with its count).
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from common.items import END, invented
from common.servers import postgres, where_possible
from tqdm import tqdm

from services.archivist.write import handler
from shared.archive import search
from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrate import upgrade

BATCH: Final = 100
DATABASE_SIZE: Final = "SELECT pg_database_size(current_database())"
QUERIES: Final = (
    "",
    "theme:energy",
    "source:source-3 lang:de",
    "energie",
    "energie netz forschung",
    '"energie netz"',
    "kompetenz*",
    "energie -theme:health sovereignty:>0.5 after:2026-06-01",
    "seltenwort",
    "keintreffer",
)


def fill(store: Store, items: Sequence[ClassifiedItem]) -> float:
    """Items per second."""
    handle = handler(store)
    seconds = 0.0
    for start in tqdm(range(0, len(items), BATCH), unit=f" x {BATCH} items", file=sys.stderr):
        records = [_record(item, number) for number, item in enumerate(items[start : start + BATCH], start)]
        begun = time.perf_counter()
        handle(records)
        seconds += time.perf_counter() - begun
    return len(items) / seconds


def _record(item: ClassifiedItem, number: int) -> Record:
    event = encode(item, purpose=Purpose.BACKFILL, stage="classifier", now=END)
    return Record(CLASSIFIED, 0, number, END, event)


def milliseconds(work: Callable[[], object], runs: int = 9) -> tuple[float, float]:
    """Median and worst."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begun))
    return median(taken), max(taken)


def report(store: Store) -> None:
    for query in QUERIES:
        with store.reading() as session:
            found = search.search(session, query, limit=20).count
            half, worst = milliseconds(partial(search.search, session, query, limit=20))
        print(f"{query or '(everything)':<58} {found:>7} hits {half:8.1f} ms median {worst:8.1f} ms worst")
    begun = time.perf_counter()
    exported = sum(1 for _ in search.every(store))
    print(f"export of everything: {exported / (time.perf_counter() - begun):,.0f} items/s")


def measure(url: str, count: int, size: Callable[[Store], float]) -> None:
    upgrade(url)
    store = Store(url)
    rate = fill(store, invented(count))
    with store.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")  # as autovacuum does in service
    print(f"{count:,} items of about 1 kB: {rate:,.0f} items/s in, {size(store) / 2**20:,.0f} MiB")
    report(store)
    store.close()


def on_sqlite(count: int) -> None:
    with TemporaryDirectory(prefix="vigie-bench-") as folder:
        path = Path(folder) / "vigie.db"
        measure(f"sqlite:///{path}", count, lambda _: path.stat().st_size)


def on_postgres(count: int, given: str | None) -> None:
    with postgres(given) as url:
        measure(url, count, _postgres_size)


def _postgres_size(store: Store) -> float:
    with store.reading() as session:
        return float(session.connection().exec_driver_sql(DATABASE_SIZE).scalar_one())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items", type=int, nargs="?", default=20_000)
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--postgres", help="postgresql+psycopg://… of an empty database; default: its own")
    args = parser.parse_args()
    if args.on == "sqlite":
        on_sqlite(args.items)
    else:
        with where_possible():
            on_postgres(args.items, args.postgres)


if __name__ == "__main__":
    main()
