"""What a load asks for: rates, partitions, workers, storage and mail, from 122 sources to ten million items a day.

A calculation and no measurement: every number below is an assumption that stands in `Cost` and `Load`, and
docs/scale.md says which of them were measured, and where. The queue at the end is a simulation, with a seed.

    python benchmarks/scale.py
    python benchmarks/scale.py --archivist-ms 5 --partitions 24
"""
# ruff: noqa: T201 - a benchmark prints

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
    classifier_ms: float = 5.0
    archivist_ms: float = 15.0
    locked_share: float = 0.95  # of the archivist's time, in which no other one may assign stories
    notifier_ms: float = 1.5
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
    notifiers = _workers(peak * cost.notifier_ms / 1000 + load.mails / DAY * load.peak * cost.mail_ms / 1000)
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
        lock_load=peak * cost.archivist_ms * cost.locked_share / 1000,
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


def waits(
    arrivals: float, service: float, workers: int, partitions: int, seconds: int, seed: int
) -> Sequence[float]:
    """Seconds that items wait when they come in bursts: each partition is a line of its own, read by one worker.

    Arrivals are Poisson, but a tenth of them come as batches of 20, as a source publishes when it is polled.
    """
    dice = random.Random(seed)
    free = [0.0] * min(workers, partitions)
    waited: list[float] = []
    for at in _arrivals(arrivals, seconds, dice):
        worker = dice.randrange(partitions) % len(free)
        begins = max(at, free[worker])
        free[worker] = begins + dice.expovariate(1 / service)
        waited.append(free[worker] - at)
    return sorted(waited)


def _arrivals(rate: float, seconds: int, dice: random.Random) -> Iterator[float]:
    at, batch, share = 0.0, 20, 0.1
    events = rate / (1 - share + share * batch)
    while (at := at + dice.expovariate(events)) < seconds:
        yield from [at] * (batch if dice.random() < share else 1)


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
    parser.add_argument("--locked-share", type=float, default=usual.locked_share)
    parser.add_argument("--partitions", type=int, default=0, help="default: what the load asks for")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cost = replace(
        usual,
        classifier_ms=args.classifier_ms,
        archivist_ms=args.archivist_ms,
        locked_share=args.locked_share,
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
    print(f"\nclassifying at the peak, simulated (seed {seed}): seconds from arrival to done")
    for load in LOADS[1:]:
        n = need(load, cost)
        lines = partitions or n.partitions
        seconds = int(min(3600, 100_000 / n.peak))
        waited = waits(n.peak, cost.classifier_ms / 1000, n.classifiers, lines, seconds, seed)
        p50, p99 = (waited[int(len(waited) * q)] for q in (0.5, 0.99))
        workers = min(n.classifiers, lines)
        print(f"{load.name:<20}{workers:>3} workers, {lines:>3} partitions: p50 {p50:.3f} s, p99 {p99:.3f} s")


if __name__ == "__main__":
    main()
