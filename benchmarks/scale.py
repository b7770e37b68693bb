"""What a load asks for: rates, partitions, workers, storage and mail, from 122 sources to ten million items a day.

A calculation from what stands in `Cost` and `Load`; docs/scale.md says which of it was measured, and by which
benchmark. The queues at the end are a simulation, with a seed.

    python benchmarks/scale.py
    python benchmarks/scale.py --locked-ms 0.5 --retention-days 7
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import math
from dataclasses import dataclass, replace
from typing import Final

from common.queueing import waits

DAY: Final = 86_400
BUSY: Final = 0.6  # of a worker's time at the peak: what is left takes up bursts and rebalances
GB: Final = 1e9


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in. `peak`: the busiest hour of a working day over the mean. `mails`: a day."""

    name: str
    sources: int
    items: int  # a day
    subscribers: int
    mails: int
    peak: float = 5.0
    poll_every: float = 1800.0  # seconds, the mean of the adaptive interval


@dataclass(frozen=True, slots=True)
class Cost:
    """What one item, poll or mail takes of one process: milliseconds, or bytes kept."""

    fetch_ms: float = 600.0  # one of the eight threads of a collector, waiting for the publisher
    poll_cpu_ms: float = 15.0
    classifier_ms: float = 28.0
    archivist_ms: float = 5.6
    locked_ms: float = 4.7  # in which no other archivist may assign stories
    notifier_ms: float = 4.8  # without subscriptions
    match_ms: float = 0.12  # for each thousand subscriptions
    mail_ms: float = 40.0
    topic_bytes: float = 2_300.0  # of one item on its three topics, compressed
    archive_bytes: float = 11_000.0
    replication: int = 3
    retention_days: int = 90
    euro_core: float = 20.0  # a month, with four GB of memory: put your own in
    euro_gb: float = 0.1  # a month, on fast disks


@dataclass(frozen=True, slots=True)
class Need:
    """What a load asks for at its peak, and what it keeps."""

    rate: float  # items a second, mean
    peak: float
    collectors: int
    classifiers: int
    archivists: int  # by processor time alone; see lock_load
    lock_load: float  # share of the peak hour in which the story lock is held: from 1 on the lane cannot keep up
    notifiers: int
    partitions: int
    topics_gb: float
    archive_gb_a_year: float
    mail_rate: float
    cores: int
    euro_a_month: float  # with the topics and one year of archive


def need(load: Load, cost: Cost) -> Need:
    """Plain queueing arithmetic: peak rate times time for one, over what a worker may be busy."""
    rate = load.items / DAY
    peak = rate * load.peak
    polls = load.sources / load.poll_every
    fetching = max(polls * cost.fetch_ms / 1000 / 8, polls * cost.poll_cpu_ms / 1000)
    classifiers = _workers(peak * cost.classifier_ms / 1000)
    archivists = _workers(peak * cost.archivist_ms / 1000)
    collectors = _workers(fetching)
    matching = cost.notifier_ms + cost.match_ms * load.subscribers / 1000
    notifiers = _workers((peak * matching + load.mails / DAY * load.peak * cost.mail_ms) / 1000)
    topics_gb = load.items * cost.retention_days * cost.topic_bytes * cost.replication / GB
    archive_gb = load.items * 365 * cost.archive_bytes / GB
    # two portals, three brokers, and a database that works about as long on an item as its writer does
    cores = collectors + classifiers + archivists + notifiers + 2 + 3 + max(2, archivists)
    return Need(
        rate=rate,
        peak=peak,
        collectors=collectors,
        classifiers=classifiers,
        archivists=archivists,
        lock_load=peak * cost.locked_ms / 1000,
        notifiers=notifiers,
        partitions=_partitions(max(classifiers, archivists, notifiers)),
        topics_gb=topics_gb,
        archive_gb_a_year=archive_gb,
        mail_rate=load.mails / DAY * load.peak,
        cores=cores,
        euro_a_month=cores * cost.euro_core + (topics_gb + archive_gb) * cost.euro_gb,
    )


def _workers(busy: float) -> int:
    return max(1, math.ceil(busy / BUSY))


def _partitions(workers: int) -> int:
    """Six, or the next multiple of six that gives each worker one and leaves room to double."""
    return 6 * max(1, math.ceil(2 * workers / 6)) if workers > 3 else 6


LOADS: Final = (
    Load("shipped catalogue", sources=122, items=600, subscribers=200, mails=400),
    Load("a country", sources=2_000, items=20_000, subscribers=5_000, mails=10_000),
    Load("Europe", sources=20_000, items=500_000, subscribers=50_000, mails=150_000),
    Load("the aim", sources=100_000, items=10_000_000, subscribers=100_000, mails=400_000),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Cost()
    parser.add_argument("--classifier-ms", type=float, default=usual.classifier_ms)
    parser.add_argument("--archivist-ms", type=float, default=usual.archivist_ms)
    parser.add_argument("--locked-ms", type=float, default=usual.locked_ms)
    parser.add_argument("--retention-days", type=int, default=usual.retention_days)
    parser.add_argument("--partitions", type=int, default=0, help="default: what the load asks for")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cost = replace(
        usual,
        classifier_ms=args.classifier_ms,
        archivist_ms=args.archivist_ms,
        locked_ms=args.locked_ms,
        retention_days=args.retention_days,
    )
    _table(cost)
    _queue(cost, args.partitions, args.seed)


def _table(cost: Cost) -> None:
    print(f"{'':<20}" + "".join(f"{load.name:>19}" for load in LOADS))
    needs = [need(load, cost) for load in LOADS]
    rows = {
        "sources": [f"{load.sources:,}" for load in LOADS],
        "items a day": [f"{load.items:,}" for load in LOADS],
        "items/s mean, peak": [f"{n.rate:.3g}, {n.peak:.3g}" for n in needs],
        "collectors": [f"{n.collectors}" for n in needs],
        "classifiers": [f"{n.classifiers}" for n in needs],
        "archivists": [f"{n.archivists}" for n in needs],
        "story lock, of 1": [f"{n.lock_load:.2f}" for n in needs],
        "notifiers": [f"{n.notifiers}" for n in needs],
        "partitions": [f"{n.partitions}" for n in needs],
        "topics, GB": [f"{n.topics_gb:,.1f}" for n in needs],
        "archive, GB a year": [f"{n.archive_gb_a_year:,.1f}" for n in needs],
        "cores": [f"{n.cores}" for n in needs],
        "EUR a month": [f"{n.euro_a_month:,.0f}" for n in needs],
        "mails/s peak": [f"{n.mail_rate:.3g}" for n in needs],
    }
    for name, cells in rows.items():
        print(f"{name:<20}" + "".join(f"{cell:>19}" for cell in cells))


def _queue(cost: Cost, partitions: int, seed: int) -> None:
    print(f"\nsimulated at the peak (seed {seed}): seconds from arrival to done")
    for load in LOADS[1:]:
        n = need(load, cost)
        lines = partitions or n.partitions
        workers = min(n.classifiers, lines)
        name = f"classifying, {workers} workers, {lines} partitions"
        _line(load, name, n.peak, cost.classifier_ms, workers, lines, seed)
        _line(load, "the story lock", n.peak, cost.locked_ms, 1, 1, seed)


def _line(load: Load, name: str, rate: float, ms: float, workers: int, lines: int, seed: int) -> None:
    if rate * ms / 1000 >= workers:
        print(f"{load.name:<20}{name:<42}cannot keep up")
        return
    waited = waits(rate, ms / 1000, workers, lines, int(min(3600, 100_000 / rate)), seed)
    p50, p99 = (waited[int(len(waited) * q)] for q in (0.5, 0.99))
    print(f"{load.name:<20}{name:<42}p50 {p50:.3f} s, p99 {p99:.3f} s")


if __name__ == "__main__":
    main()
