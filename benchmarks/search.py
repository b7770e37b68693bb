"""How fast is the archive? Inserts invented items through the archivist's step and asks typical questions.

    python benchmarks/search.py [ITEMS]        default 20,000

Prints the insert rate, the size on disk, and the median and worst of nine runs of each query (first page of 20
with its count).
"""
# ruff: noqa: T201 - a benchmark prints

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from common.items import END, invented
from tqdm import tqdm

from services.archivist.write import handler
from shared.archive import search
from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrate import upgrade

BATCH: Final = 100
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
    events = [encode(item, purpose=Purpose.BACKFILL, stage="classifier", now=END) for item in items]
    records = [Record(CLASSIFIED, 0, number, END, event) for number, event in enumerate(events)]
    begun = time.perf_counter()
    for start in tqdm(range(0, len(records), BATCH), unit=f" x {BATCH} items", file=sys.stderr):
        handle(records[start : start + BATCH])
    return len(items) / (time.perf_counter() - begun)


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
            half, worst = milliseconds(
                lambda session=session, query=query: search.search(session, query, limit=20)
            )
        print(f"{query or '(everything)':<58} {found:>7} hits {half:8.1f} ms median {worst:8.1f} ms worst")
    begun = time.perf_counter()
    exported = sum(1 for _ in search.every(store))
    print(f"export of everything: {exported / (time.perf_counter() - begun):,.0f} items/s")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vigie.db"
        upgrade(f"sqlite:///{path}")
        store = Store(f"sqlite:///{path}")
        rate = fill(store, invented(count))
        print(f"{count:,} items of about 1 kB: {rate:,.0f} items/s in, {path.stat().st_size / 2**20:,.0f} MiB")
        report(store)
        store.close()


if __name__ == "__main__":
    main()
