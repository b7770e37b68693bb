"""Run the classifier over the archive again. Verdicts change, nobody gets a mail.

The archive's current revisions go to the bulk lane, which the classifier reads when nothing new waits. Doing it
twice does no harm. SINCE is when items were first seen: a time, or an age in minutes, hours or days.

example: vigie reclassify --dry-run
example: vigie reclassify --since 30d
exit codes: 0 done, 2 usage, 3 the database or the bus does not answer
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Final

from tqdm import tqdm

from services.cli.replay import moment
from shared.archive.store import current_items
from shared.bus import BULK, COLLECTED, TOPICS, Bus
from shared.clock import Clock, SystemClock
from shared.config import Settings
from shared.errors import ConfigError
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.store import Store
from shared.store.migrate import check
from shared.wiring import open_bus, open_store

STAGE: Final = "reclassify"
PAGE: Final = 200  # items in hand at a time; one holds at most 200 kB of text


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        metavar="T",
        help="only items first seen then or later: 2026-03-02, 2026-03-02T09:00:00Z, 12h, 3d",
    )
    parser.add_argument("--dry-run", action="store_true", help="only count the items")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    clock = SystemClock()
    since = _since(args.since, clock.now())
    with closing(open_store(settings)) as store:
        check(store)
        pages = tqdm(_pages(store, since), desc="items", unit="page", disable=not sys.stderr.isatty())
        if args.dry_run:
            count = sum(map(len, pages))
        else:
            with closing(open_bus(settings, clock)) as bus:
                bus.ensure_topics(TOPICS)
                count = sum(publish(bus, clock, page) for page in pages)
    _tell(count, args.dry_run, args.json)
    return 0


def publish(bus: Bus, clock: Clock, items: Sequence[CollectedItem]) -> int:
    """Hand the items to the classifier once more, on the lane that cannot mail; how many they were."""
    now = clock.now()
    messages = [encode(item, purpose=Purpose.RECLASSIFY, stage=STAGE, now=now) for item in items]
    bus.publish(COLLECTED + BULK, messages)
    return len(messages)


def _pages(store: Store, since: datetime | None) -> Iterator[Sequence[CollectedItem]]:
    """Each page in a session of its own, closed before anything is published."""
    after: str | None = None
    while True:
        with store.reading() as session:
            page = current_items(session, since=since, after=after, limit=PAGE)
        if not page:
            return
        yield page
        after = page[-1].item_id


def _since(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        return moment(text, now)
    except ValueError as error:
        raise ConfigError(
            f"--since {text!r} is no time. Write 2026-03-02T09:00:00Z, or an age as in 12h."
        ) from error


def _tell(count: int, dry: bool, machine: bool) -> None:
    if machine:
        print(json.dumps({"items": count, "published": 0 if dry else count}))
    elif dry:
        print(f"{count} items would be classified again.")
    else:
        print(f"{count} items wait for the classifier on the bulk lane.")
