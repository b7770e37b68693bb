"""How fast is the archive? Takes invented items in through the archivist's step, and asks what people ask.

    python benchmarks/search.py [ITEMS]                    default 20,000, on SQLite
    python benchmarks/search.py 100000 --on postgres
    python benchmarks/search.py 100000 --database sqlite:////var/tmp/items.db     filled once, asked again later
    python benchmarks/search.py 1000000 --bulk      filled beside the archivist (`common/bulk.py`): no stories

The items are those of `common/corpus.py`. Every query is a first page of twenty with its count, asked by one
reader in turn with the same words asked of bare indexes over the same texts (`common/peers.py`). Then twenty
readers ask a page every five seconds each. Milliseconds are p50 and p95 of the wall clock; those of the processor
are of this process alone, without a server.
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Final

from common.bulk import Loader, again_and_again
from common.corpus import END, corpus
from common.peers import Peer, peers
from common.servers import postgres, where_possible
from tqdm import tqdm

from services.archivist.write import handler
from shared.archive import recount, search
from shared.archive.changes import newest_change
from shared.archive.course import course
from shared.archive.facets import By, facets
from shared.archive.relevance import by_relevance
from shared.bus import CLASSIFIED, Record
from shared.events import encode
from shared.items import ClassifiedItem, Purpose
from shared.store import Store
from shared.store.migrate import upgrade

BATCH: Final = 200
EXPORTED: Final = 100_000
READERS, EVERY, SECONDS = 20, 5.0, 30.0
DATABASE_SIZE: Final = "SELECT pg_database_size(current_database())"
FIVE_YEARS: Final = (date(2021, 11, 1), date(2026, 10, 31))
QUERIES: Final = (
    "",
    "theme:energy",
    "source:source-3 lang:de",
    "energie",
    "energie netz forschung",
    '"energie netz"',
    "kompetenz*",
    "theme:energy lang:de country:DE after:2026-01",
    "energie -theme:health sovereignty:>0.5 after:2026-06-01",
    "title:energie before:2024-03",
    "seltenwort",
    "keintreffer",
)
COUNTED: Final = ("", "theme:energy", "energie")

Ask = Callable[[Store], object]


def questions() -> Mapping[str, Ask]:
    """What is asked of the archive, by what the table calls it."""
    asked: dict[str, Ask] = {query or "everything": _page(query) for query in QUERIES}
    for query in COUNTED:
        asked[f"relevance: {query}"] = _relevant(query)
        asked[f"facets: {query or 'everything'}"] = _facets(query)
        asked[f"trends by theme: {query or 'everything'}"] = _trends(query)
        asked[f"newest change: {query or 'everything'}"] = _changed(query)
    del asked["relevance: "], asked["relevance: theme:energy"]  # have no words to rank by
    return asked


def _page(query: str) -> Ask:
    return _reading(lambda session: search.search(session, query, limit=20))


def _relevant(query: str) -> Ask:
    return _reading(lambda session: by_relevance(session, query, END, limit=20))


def _facets(query: str) -> Ask:
    return _reading(lambda session: facets(session, query))


def _trends(query: str) -> Ask:
    since, until = FIVE_YEARS
    return _reading(lambda session: course(session, query, By.THEME, since=since, until=until, step="month"))


def _changed(query: str) -> Ask:
    return _reading(lambda session: newest_change(session, query))


def _reading(ask: Callable[..., object]) -> Ask:
    def asked(store: Store) -> object:
        with store.reading() as session:
            return ask(session)

    return asked


def fill(
    store: Store,
    items: Iterable[ClassifiedItem],
    beside: Sequence[Peer] = (),
    *,
    archive: bool = True,
    bulk: bool = False,
) -> None:
    """Everybody takes the same items in; prints how fast. The `archive` may have them already."""
    handle, loader, spent = (
        handler(store),
        Loader(store),
        dict.fromkeys(("Vigie", *(peer.name for peer in beside)), 0.0),
    )
    left, done = iter(items), 0
    with tqdm(unit=" items", file=sys.stderr) as bar:
        while batch := list(islice(left, BATCH)):
            if archive:
                records = [] if bulk else [_record(item, done + at) for at, item in enumerate(batch)]
                spent["Vigie"] += _seconds(partial(loader.write, batch) if bulk else partial(handle, records))
            texts = [(done + at, item.item.title, item.item.text) for at, item in enumerate(batch)]
            for peer in beside:
                spent[peer.name] += _seconds(partial(peer.add, texts))
            done += len(batch)
            bar.update(len(batch))
    for peer in beside:
        spent[peer.name] += _seconds(peer.ready)
    with store.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")  # as autovacuum does in service
    for name, seconds in spent.items():
        if seconds:
            print(f"{name}: {done / seconds:,.0f} items/s in")


def _record(item: ClassifiedItem, number: int) -> Record:
    event = encode(item, purpose=Purpose.BACKFILL, stage="classifier", now=END)
    return Record(CLASSIFIED, 0, number, END, event)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def one_reader(store: Store, beside: Sequence[Peer], runs: int) -> None:
    """Everybody is asked in turn, so that whatever else the machine does meets all alike."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    asked = questions()
    for run in range(runs + 1):
        for query, ask in asked.items():
            processor = time.thread_time()
            times = {"Vigie": _seconds(partial(ask, store))}
            times["processor"] = time.thread_time() - processor  # of this process
            for peer in beside:
                if words := peer.asked(query):
                    times[peer.name] = _seconds(partial(peer.page, words))
            for name, seconds in times.items():
                if run:  # the first warms up
                    taken[query, name].append(1000 * seconds)
    names = ("Vigie", "processor", *(peer.name for peer in beside))
    print(f"\n{'one reader, p50 (p95)':<58}" + "".join(f"{name:>20}" for name in names))
    for query in asked:
        print(f"{query:<58}" + "".join(f"{_shown(taken.get((query, name), ())):>20}" for name in names))
    pages = [each for query in QUERIES for each in taken[query or "everything", "Vigie"]]
    print(f"{'all pages':<58}{_shown(pages):>20}")


def many_readers(store: Store) -> None:
    """Each asks for a page of any of the queries every few seconds, and waits for the answer."""
    ends = time.monotonic() + SECONDS

    def read(reader: int) -> list[float]:
        chance, taken = random.Random(reader), []
        time.sleep(EVERY * reader / READERS)
        while time.monotonic() < ends:
            ask = _page(chance.choice(QUERIES))
            taken.append(1000 * _seconds(partial(ask, store)))
            time.sleep(max(0.0, EVERY - taken[-1] / 1000))
        return taken

    with ThreadPoolExecutor(READERS) as pool:
        taken = [each for some in pool.map(read, range(READERS)) for each in some]
    print(f"{READERS} readers, {len(taken)} pages: {_shown(taken)} ms")


def _shown(times: Sequence[float]) -> str:
    if not times:
        return ""
    worst = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return f"{median(times):,.1f} ({worst:,.1f})"


def measure(url: str, count: int, runs: int, kept: Path | None, *, bulk: bool) -> None:
    upgrade(url)
    store = Store(url)
    with store.reading() as session:
        is_filled = search.count(session) > 0
    with peers(url, kept) as beside:
        items = again_and_again(count) if bulk else corpus(count)
        empty = [peer for peer in beside if not peer.is_filled]
        if empty or not is_filled:
            fill(store, items, empty, archive=not is_filled, bulk=bulk)
        while recount.step(store):  # where a program of old filled it
            pass
        print(f"Vigie: {_mib(store):,.0f} MiB" + "".join(f"; {peer.name}: {peer.mib():,.0f}" for peer in beside))
        one_reader(store, beside, runs)
        many_readers(store)
    began, processor = time.perf_counter(), time.thread_time()
    exported = sum(1 for _ in search.every(store, limit=EXPORTED))
    rates = (exported / (time.perf_counter() - began), exported / (time.thread_time() - processor))
    print("export: {:,.0f} items/s; {:,.0f} a second of the processor".format(*rates))
    store.close()


def _mib(store: Store) -> float:
    if store.path is not None:
        return store.path.stat().st_size / 2**20
    with store.reading() as session:
        return float(session.connection().exec_driver_sql(DATABASE_SIZE).scalar_one()) / 2**20


@contextmanager
def a_database(on: str, given: str | None) -> Iterator[str]:
    with ExitStack() as stack:
        if given is None and on == "sqlite":
            folder = stack.enter_context(TemporaryDirectory(prefix="vigie-bench-"))
            given = f"sqlite:///{Path(folder) / 'vigie.db'}"
        yield given or stack.enter_context(postgres(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items", type=int, nargs="?", default=20_000)
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--database", help="one that is kept; where it has items, none are taken in")
    parser.add_argument("--peers", type=Path, help="a folder that keeps what is asked beside, filled once, too")
    parser.add_argument("--bulk", action="store_true", help="fill without the archivist's step")
    parser.add_argument("--runs", type=int, default=20)
    args = parser.parse_args()
    with where_possible(), a_database(args.on, args.database) as url:
        measure(url, args.items, args.runs, args.peers, bulk=args.bulk)


if __name__ == "__main__":
    main()
