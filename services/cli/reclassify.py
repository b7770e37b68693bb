"""Run the classifier over the archive again. Verdicts change, nobody gets a mail.

The archive's current revisions go to the bulk lane, which the classifier reads when nothing new waits. Doing it
twice does no harm. With --outdated only items go whose verdict is of another model than that of VIGIE_MODEL: run
it after a change of model. One that was interrupted goes on where it was when you run it again, and nothing is
handed over twice while it may be on its way. Items without vectors of their meaning, or with those of another
encoder, count as outdated, too. SINCE is when items were first seen: a time, or an age in minutes, hours or days.

example: vigie reclassify --dry-run
example: vigie reclassify --since 30d
example: vigie reclassify --outdated
exit codes: 0 done, 2 usage or no such model, 3 the database or the bus does not answer
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Final

from tqdm import tqdm

from services.cli.handing_over import Wanted, count, hand_over, hand_over_outdated, waiting
from services.cli.replay import moment
from shared.bus import TOPICS
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import ConfigError
from shared.items import CollectedItem
from shared.store import Store
from shared.store.schema import check
from shared.wiring import open_bus, open_store

KEPT: Final = "reclassify.json"  # in the data folder: how far --outdated came


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        metavar="T",
        help="only items first seen then or later: 2026-03-02, 2026-03-02T09:00:00Z, 12h, 3d",
    )
    parser.add_argument("--outdated", action="store_true", help="only items whose verdict is of another model")
    parser.add_argument("--dry-run", action="store_true", help="only count the items")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    since = _since(args.since, SystemClock().now())
    wanted = Wanted(since, *((_configured_model(settings), _meaning()) if args.outdated else ()))
    with closing(open_store(settings)) as store:
        check(store)
        found = count(store, wanted)
        if args.dry_run:
            _tell_count(found, wanted.unless, machine=args.json)
        elif wanted.unless is None:
            published, _ = _publish(settings, store, wanted, found)
            _tell(published, machine=args.json)
        else:
            published, on_its_way = _publish(settings, store, wanted, found)
            _tell_outdated(published, count(store, wanted), on_its_way, wanted.unless, machine=args.json)
    return 0


def _configured_model(settings: Settings) -> str:
    from services.classifier.load import load_model

    return load_model(settings).name


def _meaning() -> str | None:
    """The version of the vectors that the classifier makes; none while the encoder is damaged."""
    from shared.manifest import Damaged
    from shared.meaning.encoder import the_encoder

    try:
        return the_encoder().version
    except Damaged as error:
        print(f"vigie reclassify: {error}", file=sys.stderr)
        return None


def _publish(settings: Settings, store: Store, wanted: Wanted, found: int) -> tuple[int, int]:
    """How many items were handed over, and how many records wait then on the bulk lanes."""
    clock = SystemClock()
    with (
        closing(open_bus(settings, clock)) as bus,
        tqdm(desc="items", total=found, unit="items", disable=not sys.stderr.isatty()) as bar,
    ):
        bus.ensure_topics(TOPICS)

        def done(page: Sequence[CollectedItem]) -> None:
            bar.update(len(page))

        if wanted.unless is None:
            published = hand_over(store, bus, clock, wanted, done)
        else:
            published = hand_over_outdated(store, bus, clock, wanted, settings.data_dir / KEPT, done)
        return published, waiting(bus)


def _since(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        return moment(text, now)
    except ValueError as error:
        raise ConfigError(
            f"--since {text!r} is no time. Write 2026-03-02T09:00:00Z, or an age as in 12h."
        ) from error


def _tell_count(found: int, model: str | None, *, machine: bool) -> None:
    if machine:
        print(json.dumps({"items": found, "published": 0} | ({"model": model} if model else {})))
    elif model:
        print(f"{found} items have a verdict of another model than {model}.")
    else:
        print(f"{found} items would be classified again.")


def _tell(published: int, *, machine: bool) -> None:
    if machine:
        print(json.dumps({"items": published, "published": published}))
    else:
        print(f"{published} items wait for the classifier on the bulk lane.")


def _tell_outdated(published: int, left: int, on_its_way: int, model: str, *, machine: bool) -> None:
    """`left` are the items that the new model has not yet judged, those on the lane among them."""
    if machine:
        counts = {"items": published, "published": published, "left": left, "waiting": on_its_way}
        print(json.dumps(counts | {"model": model}))
    else:
        print(
            f"{published} items handed over to the classifier on the bulk lane, where {on_its_way} records wait."
        )
        print(f"{left} items still have a verdict of another model than {model}.")
