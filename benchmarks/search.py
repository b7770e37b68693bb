"""How fast is the archive? Inserts invented items through the archivist's step and asks typical questions.

    python benchmarks/search.py [ITEMS]        default 20,000

Prints the insert rate, the size on disk, and the median and worst of nine runs of each query (first page of 20
with its count). Words follow Zipf's law over the words of a small vocabulary, so common words are in most items.
"""
# ruff: noqa: T201 - a benchmark prints

import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tqdm import tqdm

from services.archivist.write import take_over
from shared.archive import search
from shared.archive.stories import LOCK
from shared.items import ClassifiedItem, CollectedItem, Purpose, Verdict
from shared.store import Store
from shared.store.migrate import upgrade
from shared.themes import themes

BATCH: Final = 100
END: Final = datetime(2026, 11, 1, tzinfo=UTC)
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
VOCABULARY: Final = (
    "energie netz forschung kompetenzzentrum datenraum projekt förderung ministerium institut robotik gesundheit "
    "industrie quantencomputer souveränität cloud rechenzentrum klima verkehr schiene sicherheit ausbildung"
).split() + [f"{stem}{end}" for stem in ("grund", "leit", "mess", "trag", "bind", "form") for end in range(600)]


def invented(count: int) -> Sequence[ClassifiedItem]:
    chance = random.Random(20_261_121)
    weights = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
    return [_item(number, count, chance, weights) for number in range(count)]


def _item(number: int, count: int, chance: random.Random, weights: Sequence[float]) -> ClassifiedItem:
    words = chance.choices(VOCABULARY, weights, k=133)
    if number % 500 == 0:
        words.append("seltenwort")
    moment = END - timedelta(minutes=15 * (count - number))
    item = CollectedItem(
        item_id=f"{number:032x}",
        source=f"source-{number % 120}",
        languages=("de",),
        url=f"https://example.org/{number}",
        title=" ".join(words[:8]),
        text=" ".join(words[8:]),
        published=moment,
        fetched_at=moment,
        content_hash=f"{number}",
    )
    tagged = tuple(chance.sample(tuple(themes()), chance.choice((0, 1, 1, 2, 3))))
    verdict = Verdict(
        language="de",
        scores=dict.fromkeys(tagged, 0.8),
        themes=tagged,
        sovereignty=round(chance.random(), 2),
        franco_german=chance.random() < 0.05,
        organisations=(),
        reasons=(),
        model="invented",
    )
    return ClassifiedItem(item=item, verdict=verdict, classified_at=moment)


def fill(store: Store, items: Sequence[ClassifiedItem]) -> float:
    """Items per second."""
    begun = time.perf_counter()
    for start in tqdm(range(0, len(items), BATCH), unit=f" x {BATCH} items", file=sys.stderr):
        with store.writing() as session:
            store.serialise(session, LOCK)
            for event in items[start : start + BATCH]:
                take_over(session, event, Purpose.BACKFILL, store.now(session))
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
