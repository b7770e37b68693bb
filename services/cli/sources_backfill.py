"""`vigie sources backfill`: what a source published before it was watched."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.cli.arguments import count, day
from services.cli.shown import counted, plain, print_json
from services.cli.shown import day as said_day
from shared.bus import TOPICS
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput, FetchFailed
from shared.sources import store as sources
from shared.sources.catalogue import Kind
from shared.store import Store
from shared.wiring import open_bus

if TYPE_CHECKING:
    from services.collector.backfill.looking import LookBack, Step


def configure_backfill(parser: argparse.ArgumentParser) -> None:
    """The options of `backfill`."""
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--since", required=True, type=day, metavar="DATE", help="the first day, as in 2024-01-01")
    parser.add_argument(
        "--via", default="", metavar="URL", help="a listing page, feed or sitemap of it that goes further back"
    )
    parser.add_argument("--dry-run", action="store_true", help="read and show, and keep nothing")
    parser.add_argument("--most", type=count, default=1000, help="documents of this run; the next goes on (1000)")
    parser.add_argument("--without-pages", action="store_true", help="do not fetch the full texts")


def backfill(args: argparse.Namespace, settings: Settings, store: Store) -> int:
    """Look back until the day is reached, nothing older is linked, or a server says no. Repeated, it goes on."""
    from services.collector.backfill.looking import LookBack
    from services.collector.browser import browser
    from services.collector.robots import Robots
    from shared.web.client import SPACING, WebClient

    with store.reading() as session:
        if sources.source_row(session, args.id).kind == Kind.MAILBOX:
            raise BadInput(f"{args.id} is a mailbox: its mails of the last year are read at the first poll.")
    clock = SystemClock()
    web = WebClient(settings, clock, spacing=2 * SPACING)
    with closing(open_bus(settings)) as bus:
        bus.ensure_topics(TOPICS)
        back = LookBack(
            store,
            bus,
            web,
            Robots(web, clock),
            clock,
            dry=args.dry_run,
            texts=not args.without_pages,
            browser=browser(settings),
        )
        zone = ZoneInfo(settings.zone)
        since = datetime.combine(args.since, datetime.min.time(), zone).astimezone(UTC)
        done = _walked(args, back, since)
    with store.reading() as session:
        complete = sources.source_health(session, args.id).complete_since
    return _tell(args, done, complete and complete.astimezone(zone))


class _Done:
    """What a run came to."""

    def __init__(self) -> None:
        self.documents = self.sent = self.left_to_polls = 0
        self.oldest: datetime | None = None
        self.ended = self.stopped = ""
        self.problems: list[str] = []

    def add(self, step: "Step") -> None:
        self.documents += 1
        self.sent += step.sent
        self.left_to_polls += step.left_to_polls
        self.oldest, self.ended = step.oldest, step.ended
        if step.problem:
            self.problems.append(step.problem)


def _walked(args: argparse.Namespace, back: "LookBack", since: datetime) -> _Done:
    from tqdm import tqdm

    done = _Done()
    steps: Iterator[Step] = back.steps(args.id, since, args.via, args.most)
    with tqdm(unit=" documents", disable=None) as bar:
        try:
            for step in steps:
                done.add(step)
                bar.set_postfix_str(f"{done.sent} items, back to {_day_of(step.oldest)}, {step.waiting} wait")
                bar.update(1)
                if args.dry_run and not args.json:
                    for title in step.titles:
                        tqdm.write(f"{step.url}  {title}")
                if step.problem:
                    tqdm.write(step.problem, file=sys.stderr)
        except FetchFailed as error:
            done.stopped = str(error)
        except BadInput as error:
            done.stopped = f"{error}. --via names another way back."
    return done


def _tell(args: argparse.Namespace, done: _Done, complete: datetime | None) -> int:
    ended = (
        done.stopped or done.ended or f"stopped after {counted(done.documents, 'document')}; repeat it to go on"
    )
    if args.json:
        values = {
            "source": args.id,
            "documents": done.documents,
            "sent": done.sent,
            "left_to_polls": done.left_to_polls,
            "oldest": done.oldest,
            "ended": done.ended or None,
            "stopped": done.stopped or None,
            "problems": done.problems,
            "complete_since": complete,
        }
        print_json(plain(values))
    else:
        verb = "would go" if args.dry_run else "went"
        items, documents = counted(done.sent, "item"), counted(done.documents, "document")
        print(f"{items} {verb} to the archive, from {documents}; {ended}.")
        if complete is not None:
            print(f"The archive has all that the pages of {args.id} show since {_day_of(complete)}.")
    return 1 if done.stopped else 0


def _day_of(moment: datetime | None) -> str:
    return said_day(moment)
