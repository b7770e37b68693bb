"""A stage of ours beside a bare loop that does the same: what the port, dead letters and suspects cost.

Both read 1 KB records in batches, hand them through, publish them durably and then commit. Ours is the loop that
every service runs (`shared.bus.consume`), with its bulk lane; the bare ones are written straight on kafka-python
and sqlite3 with the same settings: idempotent producer, every send checked, zstd, one commit for each batch; WAL
and synchronous=FULL. Rounds are taken in turn in one process; the ratio of each round counts.

example: python benchmarks/stage.py
example: python benchmarks/stage.py --only kafka --batches 100 --rounds 31
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from common.bare import BareKafka, BareSqlite
from common.records import messages
from common.rounds import HEADING, compare
from common.servers import kafka, where_possible

from shared.bus import CLASSIFIED, COLLECTED, TOPICS, Bus, Outcome, Record
from shared.bus.consume import Consumer, Stage
from shared.bus.kafka import KafkaBus
from shared.bus.sqlite import SqliteBus

FILL = 1000  # records in one publish when the topic is filled


class Ours:
    """The loop of the product with a handler that hands records through."""

    def __init__(self, bus: Bus, batch: int, group: str = "ours") -> None:
        self.handled = 0
        self._consumer = Consumer(bus, Stage(group, COLLECTED, self._hand_through, batch=batch))

    def run(self, count: int) -> None:
        """Until `count` more records are through."""
        end = self.handled + count
        while self.handled < end:
            self._consumer.step()

    def close(self) -> None:
        self._consumer.close()

    def _hand_through(self, records: Sequence[Record]) -> Outcome:
        self.handled += len(records)
        return Outcome(publish=tuple((CLASSIFIED, record.message) for record in records))


def fill(bus: Bus, count: int) -> None:
    some = messages(FILL)
    bus.ensure_topics(TOPICS)
    for _ in range(count // FILL):
        bus.publish(COLLECTED, some)


def on_kafka(batch: int, count: int, rounds: int, given: str | None) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(kafka(given))
        prefix = f"bench-{uuid.uuid4().hex[:8]}."
        bus = stack.enter_context(closing(KafkaBus(f"{url}?prefix={prefix}", "bench")))
        fill(bus, count * (rounds + 1) + FILL)
        ours = stack.enter_context(closing(Ours(bus, batch)))
        bare = stack.enter_context(closing(BareKafka(bus.settings.servers, prefix, batch)))
        measure(f"Kafka, batch {batch}", bare, ours, count, rounds)


def on_sqlite(batch: int, count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder, ExitStack() as stack:
        bus = stack.enter_context(closing(SqliteBus(Path(folder) / "bus.db")))
        fill(bus, count * (rounds + 1) + FILL)
        ours = stack.enter_context(closing(Ours(bus, batch)))
        bare = stack.enter_context(closing(BareSqlite(Path(folder) / "bare.db", batch)))
        bare.fill(messages(FILL), count * (rounds + 1) + FILL)
        measure(f"embedded, batch {batch}", bare, ours, count, rounds)


def measure(name: str, bare: BareKafka | BareSqlite, ours: Ours, count: int, rounds: int) -> None:
    """One round of each goes first and does not count: groups are joined and caches filled in it."""

    def rate(loop: BareKafka | BareSqlite | Ours) -> float:
        begun = time.perf_counter()
        loop.run(count)
        return count / (time.perf_counter() - begun)

    rate(bare)
    rate(ours)
    print(compare(lambda: rate(bare), lambda: rate(ours), rounds).row(name), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("kafka", "embedded"))
    parser.add_argument("--kafka", help="kafka://host:port of a running broker; default: one of its own")
    parser.add_argument("--batches", type=int, nargs="+", default=[25, 100, 500])
    parser.add_argument("--records", type=int, default=5000, help="of each loop in each round")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    print("1 KB records per second, median of the rounds (least - most); ratio: median (quartiles)")
    print(HEADING)
    for batch in args.batches:
        if args.only != "kafka":
            on_sqlite(batch, args.records, args.rounds)
        if args.only != "embedded":
            with where_possible():
                on_kafka(batch, args.records, args.rounds, args.kafka)


if __name__ == "__main__":
    main()
