"""How many live items a second go the whole way from the collector's topic to the notifier, and what each costs?

Invented items of about one kilobyte, all new, are published at once; the clock runs until the notifier has
committed the last. Nobody subscribes: mail is another matter. "together" is one process with the three services
on SQLite and the embedded log; "apart" is one process for each on Kafka and PostgreSQL, whose own processor
time is not counted.

example: python benchmarks/pipeline.py
example: python benchmarks/pipeline.py --items 5000 --only apart --rounds 1
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final

from common.items import END, invented
from common.servers import kafka, postgres, where_possible

from shared.bus import ARCHIVED, COLLECTED, Bus, Message
from shared.bus.kafka import KafkaBus
from shared.bus.sqlite import SqliteBus
from shared.errors import BusUnavailable
from shared.events import encode
from shared.items import Purpose

VIGIE: Final = (sys.executable, "-m", "services.cli")
SERVICES: Final = ("classifier", "archivist", "notifier")
WARM: Final = 50  # items that go first and do not count: models load, groups are joined
PATIENCE: Final = 600.0  # seconds
TICKS: Final = os.sysconf("SC_CLK_TCK")


@contextmanager
def running(commands: Sequence[Sequence[str]], environ: Mapping[str, str]) -> Iterator[Mapping[str, int]]:
    """These `vigie run` processes: name -> pid."""
    started = {
        " ".join(command): subprocess.Popen(
            [*VIGIE, "run", "--alone", *command], env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        for command in commands
    }
    try:
        yield {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            process.wait(30)


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wait_for(bus: Bus, count: int) -> None:
    """Until `count` items are archived and the notifier has read them all."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(BusUnavailable):  # a new broker takes a moment to answer for groups
            if bus.lag(ARCHIVED, "nobody") >= count and not bus.lag(ARCHIVED, "notifier"):
                return
        time.sleep(0.1)
    raise SystemExit(f"after {PATIENCE:.0f} s not all of {count} items were through")


def publish(bus: Bus, events: Sequence[Message]) -> None:
    for start in range(0, len(events), 500):
        bus.publish(COLLECTED, events[start : start + 500])


def measure(
    bus: Bus, commands: Sequence[Sequence[str]], environ: Mapping[str, str], items: int
) -> dict[str, float]:
    """Items a second, and each process's milliseconds for one item."""
    events = [encode(one.item, purpose=Purpose.LIVE, stage="collector", now=END) for one in invented(items + WARM)]
    subprocess.run([*VIGIE, "migrate"], env=environ, check=True, stdout=subprocess.DEVNULL)
    with running(commands, environ) as pids:
        publish(bus, events[:WARM])
        wait_for(bus, WARM)
        before = {name: processor_seconds(pid) for name, pid in pids.items()}
        begun = time.perf_counter()
        publish(bus, events[WARM:])
        wait_for(bus, len(events))
        seconds = time.perf_counter() - begun
        costs = {name: 1000 * (processor_seconds(pid) - before[name]) / items for name, pid in pids.items()}
    return {"items/s": items / seconds} | costs


def settings(folder: str, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    return clean | {"VIGIE_DATA_DIR": folder, "VIGIE_LOG_LEVEL": "error"} | more


def together(items: int) -> dict[str, float]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-bench-"))
        bus = stack.enter_context(closing(SqliteBus(Path(folder) / "bus.db")))
        return measure(bus, [SERVICES], settings(folder), items)


def apart(items: int, given: str | None) -> dict[str, float]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-bench-"))
        database = stack.enter_context(postgres(None))
        url = f"{stack.enter_context(kafka(given))}?prefix=bench-{uuid.uuid4().hex[:8]}."
        bus = stack.enter_context(closing(KafkaBus(url, "bench")))
        environ = settings(folder, VIGIE_BUS_URL=url, VIGIE_DATABASE_URL=database)
        return measure(bus, [(service,) for service in SERVICES], environ, items)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("together", "apart"))
    parser.add_argument("--kafka", help="kafka://host:port of a running broker; default: one of its own")
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {"together": [], "apart": []}
    for _ in range(args.rounds):
        if args.only != "apart":
            found["together"].append(together(args.items))
        if args.only != "together":
            with where_possible():
                found["apart"].append(apart(args.items, args.kafka))
    for name, rounds in found.items():
        for key in rounds[0] if rounds else ():
            values = [one[key] for one in rounds]
            unit = "" if key == "items/s" else " ms of processor an item"
            print(f"{name}: {key} {median(values):.1f} ({min(values):.1f} - {max(values):.1f}){unit}")


if __name__ == "__main__":
    main()
