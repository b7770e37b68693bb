"""How long from the moment a record is due to the moment it is committed, when they come one by one?

Records are due at even distances, and the clock runs from that moment, not from when the sender gets round to it:
a sender that is held up counts against the bus. A second thread reads, hands over and commits as a stage does.
On Kafka the bare client does the same in turn; the embedded log has no like.

example: python benchmarks/latency.py
example: python benchmarks/latency.py --only embedded --rate 20 --seconds 60
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from common.bare import BareLine
from common.records import messages
from common.servers import kafka, where_possible

from shared.bus import COLLECTED, TOPICS, Bus, Message, Outcome, Record
from shared.bus.consume import Consumer, Stage
from shared.bus.kafka import KafkaBus
from shared.bus.sqlite import SqliteBus

SLICES = 6  # of the time, each line in turn
WAIT = 10.0  # seconds for the last record of a slice


class Line(Protocol):
    """Something that records go in at one end of and come out at the other."""

    def publish(self, message: Message) -> None: ...

    def take(self) -> Sequence[str]:
        """One turn: the keys of what was read and is committed now."""
        ...

    def close(self) -> None: ...


class OurLine:
    """The bus and the loop of the product."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._taken: list[str] = []
        self._consumer = Consumer(bus, Stage("latency", COLLECTED, self._note))

    def publish(self, message: Message) -> None:
        self._bus.publish(COLLECTED, [message])

    def take(self) -> Sequence[str]:
        self._taken = []
        self._consumer.step()
        return self._taken

    def close(self) -> None:
        self._consumer.close()

    def _note(self, records: Sequence[Record]) -> Outcome:
        self._taken.extend(record.message.key for record in records)
        return Outcome()


def latencies(line: Line, rate: float, seconds: float) -> Sequence[float]:
    """Milliseconds from due to committed, of each record."""
    due: dict[str, float] = {}
    took: list[float] = []
    some, stop = messages(int(rate * seconds)), threading.Event()

    def read() -> None:
        while not stop.is_set():
            keys, now = line.take(), time.perf_counter()
            took.extend(1000 * (now - due[key]) for key in keys if key in due)

    reader = threading.Thread(target=read)
    reader.start()
    begun = time.perf_counter() + 0.5
    for number, message in enumerate(some):
        key = f"{number}-{message.key}"
        due[key] = begun + number / rate
        time.sleep(max(0.0, due[key] - time.perf_counter()))
        line.publish(Message(key, message.value, message.headers))
    end = time.perf_counter() + WAIT
    while len(took) < len(some) and time.perf_counter() < end:
        time.sleep(0.05)
    stop.set()
    reader.join()
    if len(took) < len(some):
        raise SystemExit(f"{len(some) - len(took)} of {len(some)} records did not come within {WAIT:.0f} s")
    return took


def measure(lines: dict[str, Line], rate: float, seconds: float) -> None:
    """The lines in turn, after a second of each that does not count."""
    found: dict[str, list[float]] = {name: [] for name in lines}
    for line in lines.values():
        latencies(line, rate, 1.0)
    for _ in range(SLICES):
        for name, line in lines.items():
            found[name].extend(latencies(line, rate, seconds / SLICES))
    for name, took in found.items():
        cuts = statistics.quantiles(took, n=100)
        print(f"{name:<16}{len(took):>8}{cuts[49]:>10.1f}{cuts[98]:>10.1f}{max(took):>10.1f}", flush=True)


def on_sqlite(rate: float, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder, ExitStack() as stack:
        bus = stack.enter_context(closing(SqliteBus(Path(folder) / "bus.db")))
        bus.ensure_topics(TOPICS)
        measure({"embedded": stack.enter_context(closing(OurLine(bus)))}, rate, seconds)


def on_kafka(rate: float, seconds: float, given: str | None) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(kafka(given))
        prefix = f"bench-{uuid.uuid4().hex[:8]}."
        bus = stack.enter_context(closing(KafkaBus(f"{url}?prefix={prefix}", "bench")))
        bus.ensure_topics(TOPICS)
        ours = stack.enter_context(closing(OurLine(bus)))
        bare = stack.enter_context(closing(BareLine(bus.settings.servers, prefix)))
        measure({"Kafka, bare": bare, "Kafka, ours": ours}, rate, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("kafka", "embedded"))
    parser.add_argument("--kafka", help="kafka://host:port of a running broker; default: one of its own")
    parser.add_argument("--rate", type=float, default=100.0, help="records a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each line")
    args = parser.parse_args()
    print(f"{args.rate:.0f} records of 1 KB a second, milliseconds from due to committed")
    print(f"{'':<16}{'records':>8}{'p50':>10}{'p99':>10}{'worst':>10}")
    if args.only != "kafka":
        on_sqlite(args.rate, args.seconds)
    if args.only != "embedded":
        with where_possible():
            on_kafka(args.rate, args.seconds, args.kafka)


if __name__ == "__main__":
    main()
