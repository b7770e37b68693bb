"""Let a stage read its records again from a moment on. Nothing is doubled and nobody gets a mail twice.

A running stage applies it between two batches; one that does not run, at its start. SINCE is a time, or an age in
minutes, hours or days.

example: vigie replay classifier --since 2026-03-02T09:00:00Z
example: vigie replay archivist --since 3d
exit codes: 0 done, 1 the stage has not read anything yet, 2 usage, 3 the bus does not answer
"""

import argparse
import json
import re
import sys
from datetime import UTC, datetime, timedelta

from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED, TOPICS, Bus
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import NotFound
from shared.wiring import open_bus

GROUPS = {"classifier": COLLECTED, "archivist": CLASSIFIED, "notifier": ARCHIVED}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("group", choices=tuple(GROUPS), help="the stage that reads again")
    parser.add_argument(
        "--since", required=True, metavar="T", help="2026-03-02, 2026-03-02T09:00:00Z, 90m, 12h or 3d"
    )
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        since = moment(args.since, SystemClock().now())
    except ValueError:
        print(
            f"vigie replay: {args.since!r} is no time. Write 2026-03-02T09:00:00Z, or an age as in 12h.",
            file=sys.stderr,
        )
        return 2
    bus = open_bus(settings)
    try:
        waiting = _rewound(bus, args.group, since)
    finally:
        bus.close()
    if args.json:
        print(json.dumps({"group": args.group, "waiting": waiting}))
    else:
        print(f"{waiting} records wait for the {args.group}.")
    return 0


def _rewound(bus: Bus, group: str, since: datetime) -> int:
    """Send both lanes of the stage back and say how many records wait. NotFound when neither was ever read."""
    lanes = [(GROUPS[group] + lane, group + lane) for lane in ("", BULK) if GROUPS[group] + lane in TOPICS]
    never_read = 0
    for topic, name in lanes:
        try:
            bus.rewind(topic, name, since)
        except NotFound:  # without a reader yet it begins at its first record anyway
            never_read += 1
    if never_read == len(lanes):
        raise NotFound(f"the {group} has not read anything yet; there is nothing to replay.")
    return sum(bus.lag(topic, name) for topic, name in lanes)


def moment(text: str, now: datetime) -> datetime:
    """A time (without a zone: UTC), or an age before `now`. Raises ValueError."""
    if age := re.fullmatch(r"(\d+)([mhd])", text.strip()):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[age[2]]
        return now - timedelta(**{unit: int(age[1])})
    at = datetime.fromisoformat(text.strip())
    return at if at.tzinfo else at.replace(tzinfo=UTC)
