"""How long does the board "said on one side only" take on an archive of 100,000 items over five years?

Of these, some 3,300 fell into the sixty days that a board looks at; so many are written, with vectors that lie
near to no other's, from sources of which every poll is proven. Milliseconds of the processor and of the clock.

    python benchmarks/board.py
    python benchmarks/board.py --items 33000
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from common.bulk import Loader, batches
from common.corpus import END, SOURCES, corpus

from shared.bus import TOPICS
from shared.bus.sqlite import SqliteBus
from shared.items import ClassifiedItem
from shared.meaning.kept import Vectors
from shared.meaning.vectors import packed
from shared.sources.tables import SourceRow
from shared.store import Store
from shared.store.migrate import upgrade
from shared.watched.one_sided import boards
from shared.watched.rules import Proof
from shared.watched.spans import note_proof

SPAN: Final = timedelta(days=60)


def items(count: int) -> Sequence[ClassifiedItem]:
    """Invented ones, spread over the sixty days before `END`, with vectors."""
    generator = np.random.default_rng(count)
    found = []
    for number, each in enumerate(corpus(count)):
        one, other = generator.normal(size=(2, 512)).astype(np.float32)
        moment = END - SPAN * ((count - number) / count)
        when = {"published": moment, "fetched_at": moment}
        meaning = Vectors("bench-1", packed(one), packed(other)).meaning()
        found.append(each.model_copy(update={"item": each.item.model_copy(update=when), "meaning": meaning}))
    return found


class Stopped:
    """A clock that stands at the end of what is written."""

    def now(self) -> datetime:
        return END


def watch(store: Store) -> None:
    with store.writing() as session:
        for number in range(SOURCES):
            country = ("DE", "FR", "EU", "")[number % 4]
            id_ = f"source-{number}"
            session.add(SourceRow(id=id_, name=id_, url=f"https://{id_}.example.org/feed", country=country))
            note_proof(session, id_, Proof(END - 2 * SPAN, END, id_))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=3_300)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'vigie.db'}"
        upgrade(url)
        clock = Stopped()
        with closing(Store(url, clock)) as store, closing(SqliteBus(Path(folder) / "bus.db", clock)) as bus:
            bus.ensure_topics(TOPICS)
            watch(store)
            loader = Loader(store)
            for batch in batches(items(args.items), 200):
                loader.write(batch)
            taken = []
            for _ in range(args.rounds):
                begun, worked = time.perf_counter(), time.process_time()
                found = boards(store, bus, "energy")
                taken.append((1000 * (time.process_time() - worked), 1000 * (time.perf_counter() - begun)))
            print(*(f"{b.country}: {len(b.lone)} of {b.asked}, {b.unproven} not proven" for b in found), sep="\n")
            worked, waited = (sorted(each) for each in zip(*taken, strict=True))
            first, then = taken[0][0], median(worked)
            print(f"processor {first:.0f} ms at first, then {then:.0f}; clock {median(waited):.0f} ms")


if __name__ == "__main__":
    main()
