"""What do three archivists take in together on PostgreSQL, and how long does each item hold the stories' lock?

Live items of about one kilobyte, all new, are dealt out to processes, as partitions are; one in five repeats the
title of another's, so that there are stories to find, and each has vectors where the program knows of them. With
--against, the archivists of another checkout of Vigie do the same in turn, on an empty database of the same
server, and both must find the same stories.

    python benchmarks/archivists.py
    git worktree add /tmp/before COMMIT && python benchmarks/archivists.py --against /tmp/before
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from common.items import END, invented
from common.servers import postgres, where_possible
from sqlalchemy import create_engine, text
from sqlmodel import Session

from services.archivist.write import handler
from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrate import upgrade

HERE = Path(__file__).parents[1]
LOCK = "stories"
BATCH = 50


class Watched(Store):
    """A store that says how long the stories' lock was held, from when it was given until the commit."""

    held = worked = 0.0
    _since: tuple[float, float] | None = None

    @contextmanager
    def writing(self, **how: Any) -> Iterator[Session]:
        self._since = None
        with super().writing(**how) as session:
            yield session
        if self._since is not None:
            self.held += time.perf_counter() - self._since[0]
            self.worked += time.process_time() - self._since[1]

    def serialise(self, session: Session, name: str, **how: Any) -> None:
        super().serialise(session, name, **how)
        if name == LOCK:
            self._since = time.perf_counter(), time.process_time()


@dataclass(frozen=True, slots=True)
class Round:
    """`rate`: items a second of all together; the others are milliseconds for each: the lock, what the archivist
    works of it, and all that it works. The server's work is apart.
    """

    rate: float
    locked: float
    worked: float
    processor: float
    stories: frozenset[frozenset[str]]


def work(url: str, part: int, parts: int, count: int) -> None:
    """One archivist: takes every `parts`-th batch when its input says so, and prints what it took."""
    records = [
        Record(CLASSIFIED, 0, number, END, encode(item, purpose=Purpose.LIVE, stage="classifier", now=END))
        for number, item in enumerate(items(count))
    ]
    store = Watched(url)
    handle = handler(store)
    batches = [records[start : start + BATCH] for start in range(0, len(records), BATCH)][part::parts]
    with store.reading() as session:
        session.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.process_time()
    for batch in batches:
        handle(batch)
    print(
        json.dumps({"held": store.held, "worked": store.worked, "processor": time.process_time() - begun}),
        flush=True,
    )
    store.close()


def items(count: int) -> Sequence[ClassifiedItem]:
    """Invented ones; every fifth has the title of the one seven before it, at another source."""
    found = list(invented(count))
    for at in range(10, count, 5):
        title = found[at - 7].item.title
        found[at] = found[at].model_copy(update={"item": found[at].item.model_copy(update={"title": title})})
    return list(map(_meant, found, range(count)))


def _meant(item: ClassifiedItem, number: int) -> ClassifiedItem:
    """With vectors that lie near to no other's, for a program that knows of them."""
    if "meaning" not in ClassifiedItem.model_fields:
        return item
    import numpy as np

    from shared.items import Meaning
    from shared.meaning.vectors import packed

    one, other = np.random.default_rng(number).normal(size=(2, 512)).astype(np.float32)
    title, text = (b64encode(packed(vector)).decode() for vector in (one, other))
    return item.model_copy(update={"meaning": Meaning(version="bench-1", title=title, text=text)})


def measure(tree: Path, server: str, archivists: int, count: int) -> Round:
    """A round of the archivists of that checkout, on a new database."""
    url = _new_database(server)
    _run(tree, "prepare", url).wait()
    workers = [_run(tree, "work", url, str(part), str(archivists), str(count)) for part in range(archivists)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n", "an archivist did not start"
    begun = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [json.loads(worker.communicate()[0]) for worker in workers]
    seconds = time.perf_counter() - begun
    spent = (1000 * sum(each[name] for each in said) / count for name in ("held", "worked", "processor"))
    return Round(count / seconds, *spent, _stories(url))


def _run(tree: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}  # as `vigie` runs
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    return subprocess.Popen(
        command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _new_database(server: str) -> str:
    name = f"bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server.rpartition('/')[0]}/{name}"


def _stories(url: str) -> frozenset[frozenset[str]]:
    """Which items are together. Their names follow who came first, which is chance."""
    found: dict[str, set[str]] = defaultdict(set)
    engine = create_engine(url)
    rooted = (
        "SELECT item_id, coalesce(a.story, i.story) FROM items i LEFT JOIN story_aliases a ON a.alias = i.story"
    )
    with engine.connect() as connection:
        for item, root in connection.execute(text(rooted)):
            found[root].add(item)
    engine.dispose()
    return frozenset(map(frozenset, found.values()))


def _tell(found: Mapping[str, Sequence[Round]]) -> None:
    print(f"{'medians':<12}{'items/s':>9}{'locked ms':>11}{'working':>9}{'processor ms':>14}{'stories':>9}")
    for name, rounds in found.items():
        rate, locked = median(one.rate for one in rounds), median(one.locked for one in rounds)
        worked, processor = median(one.worked for one in rounds), median(one.processor for one in rounds)
        told = f"{rate:>9.0f}{locked:>11.2f}{worked:>9.2f}{processor:>14.2f}{len(rounds[0].stories):>9}"
        print(f"{name:<12}{told}")
    if len(found) > 1:
        ratios = sorted(now.rate / before.rate for before, now in zip(*reversed(found.values()), strict=True))
        print(f"times the throughput: {median(ratios):.2f} ({ratios[0]:.2f} - {ratios[-1]:.2f})")
        same = {one.stories for rounds in found.values() for one in rounds}
        print("the same stories" if len(same) == 1 else "NOT the same stories")


def main() -> None:
    if sys.argv[1:2] == ["work"]:
        return work(sys.argv[2], *map(int, sys.argv[3:6]))
    if sys.argv[1:2] == ["prepare"]:
        return upgrade(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--archivists", type=int, default=3)
    parser.add_argument("--items", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgres", help="postgresql+psycopg://… of a running server; default: one of its own")
    args = parser.parse_args()
    found: dict[str, list[Round]] = defaultdict(list)
    with where_possible(), postgres(args.postgres) as server:
        for _ in range(args.rounds):
            for name, tree in (("now", HERE), ("before", args.against)):
                if tree is not None:
                    found[name].append(measure(tree, server, args.archivists, args.items))
    _tell(found)


if __name__ == "__main__":
    main()
