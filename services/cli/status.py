"""Say what runs, what waits and what is red.

`ok` is true when every stage runs, nothing is red and nothing waits for a person (dead letters, held mails).

example: vigie status
example: vigie status --json
exit codes: 0 ok, 1 something is red, 3 the database or the bus does not answer
"""

import argparse
import json

from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import Unavailable
from shared.telemetry.status import READS, Status, read_status
from shared.wiring import open_bus, ready_store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        status = _look(settings)
    except Unavailable as error:
        if args.json:  # whoever reads JSON gets it, also when there is nothing to count
            print(json.dumps(_nothing() | {"error": str(error)}, ensure_ascii=False))
        raise
    print(json.dumps(status.shown(), ensure_ascii=False) if args.json else _table(status))
    return 0 if status.ok else 1


def _look(settings: Settings) -> Status:
    return read_status(ready_store(settings), open_bus(settings), SystemClock())


def _nothing() -> dict[str, object]:
    stage = {"alive": False, "backlog": 0, "dead": 0, "waits": None, "error": None}
    states = ("pending", "sending", "sent", "failed", "held", "unknown")
    return {
        "ok": False,
        "items": 0,
        "stages": dict.fromkeys(READS, stage),
        "sources": {},
        "deliveries": dict.fromkeys(states, 0),
    }


def _table(status: Status) -> str:
    lines = [f"{'stage':<12}{'runs':<6}{'waiting':>8}{'dead':>6}  longest   error"]
    for name, stage in status.stages.items():
        runs = "yes" if stage.alive else "NO"
        waits = "-" if stage.waits is None else f"{stage.waits:.0f} s"
        lines.append(f"{name:<12}{runs:<6}{stage.backlog:>8}{stage.dead:>6}  {waits:<10}{stage.error or '-'}")
    lines += [
        f"items       {status.items}",
        f"sources     {_counted(status.sources)}",
        f"deliveries  {_counted(status.deliveries)}",
        "everything is in order" if status.ok else "something needs a look",
    ]
    return "\n".join(lines)


def _counted(by_state: object) -> str:
    counted = dict(by_state) if isinstance(by_state, dict) else {}
    return ", ".join(f"{number} {state}" for state, number in counted.items() if number) or "none"
