"""How many items a second does the archivist take in, and how long does it lock others out meanwhile?

Live items of about one kilobyte, all new, go through the archivist's handler in batches, as from the bus. Rounds
of the two databases and of the batch sizes are taken in turn, each on an empty database, so that whatever else the
machine does meets all alike. "locked" is the share of the time in which the story lock is held: what is not locked
grows with the number of archivists.

    python benchmarks/archivist.py
    python benchmarks/archivist.py --batches 50 --rounds 9 --only sqlite
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from common.items import END, invented
from common.servers import postgres, where_possible
from sqlalchemy import create_engine, text
from sqlmodel import Session

from services.archivist.write import handler
from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import Purpose
from shared.store import Store
from shared.store.migrate import upgrade


class Watched(Store):
    """A store that says how long it was written to."""

    written = 0.0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            begun = time.perf_counter()
            yield session
        self.written += time.perf_counter() - begun


@dataclass(frozen=True, slots=True)
class Round:
    """One run over the items; times are milliseconds for each."""

    rate: float  # items a second
    processor: float
    locked: float


def measure(url: str, records: Sequence[Record], batch: int) -> Round:
    """The first batch does not count: statements are compiled in it."""
    upgrade(url)
    store = Watched(url)
    handle = handler(store)
    handle(records[:batch])
    store.written, begun, processor = 0.0, time.perf_counter(), time.process_time()
    for start in range(batch, len(records), batch):
        handle(records[start : start + batch])
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    store.close()
    items = len(records) - batch
    return Round(items / seconds, 1000 * processor / items, 1000 * store.written / items)


def records_of(count: int) -> Sequence[Record]:
    events = [encode(item, purpose=Purpose.LIVE, stage="classifier", now=END) for item in invented(count)]
    return [Record(CLASSIFIED, 0, number, END, event) for number, event in enumerate(events)]


def new_database(server: str) -> str:
    """An empty database on the server of this one."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server.rpartition('/')[0]}/{name}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--postgres", help="postgresql+psycopg://… of a running server; default: one of its own")
    parser.add_argument("--batches", type=int, nargs="+", default=[25, 50, 100])
    parser.add_argument("--items", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    records = records_of(args.items)
    found: dict[str, list[Round]] = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-bench-")))
        server = ""
        if args.only != "sqlite":
            with where_possible():
                server = stack.enter_context(postgres(args.postgres))
        for _ in range(args.rounds):
            for batch in args.batches:
                if args.only != "postgres":
                    url = f"sqlite:///{folder / uuid.uuid4().hex}.db"
                    found[f"SQLite, batch {batch}"].append(measure(url, records, batch))
                if server:
                    found[f"PostgreSQL, batch {batch}"].append(measure(new_database(server), records, batch))
    print(f"{'medians':<24}{'items/s':>9}{'processor ms':>14}{'locked ms':>11}{'locked':>8}")
    for name, rounds in found.items():
        rate = median(one.rate for one in rounds)
        processor, locked = median(one.processor for one in rounds), median(one.locked for one in rounds)
        print(f"{name:<24}{rate:>9.0f}{processor:>14.2f}{locked:>11.2f}{locked * rate / 1000:>8.0%}")


if __name__ == "__main__":
    main()
