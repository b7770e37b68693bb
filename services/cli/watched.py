"""Say whether anything matched since a moment, and whether everybody was watched who could have said it.

A source is covered if polls prove it for the whole time: see `docs/decisions/0021-proof-of-silence.md`. `source:`,
`country:` and `org:` in the query say whom it is about. Near misses are items that lack one condition, or a theme
by little. Begin with -- when the query begins with a minus sign. SINCE is a day, a time, or an age.

example: vigie watched 'theme:energy hydrogen' --since 7d
example: vigie watched 'org:DFKI' --since 2026-03-02 --json
exit codes: 0 answered, whatever the answer; 1 the time is still to come; 2 the query or the time cannot be
understood; 3 the database or the bus does not answer
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import tzinfo
from typing import Final

from services.cli.search import explained, tell_unfinished
from services.cli.shown import day, moment, print_json
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput, QueryError
from shared.watched.answer import Answer, Tally, ask
from shared.watched.rules import Why
from shared.watched.since import since_of
from shared.wiring import open_bus, ready_store

SAYS: Final = {
    Why.BEFORE: "not watched yet",
    Why.FAILING: "no document came",
    Why.EMPTY: "the document had no entries",
    Why.FULL: "more may have come than the document holds",
    Why.LIED: "the server called a changed document unchanged",
    Why.PAUSED: "off",
    Why.LATE: "nobody polled",
    Why.RESTORED: "a backup was put back",
    Why.CLOCK: "a clock was put back",
    Why.REFUSED: "a mail was not taken",
    Why.WAITING: "items wait for a stage",
    Why.DEAD: "an item lies dead",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="*", help="as for search; empty asks for everything")
    parser.add_argument(
        "--since", required=True, metavar="T", help="2026-03-02, 2026-03-02T09:00:00Z, 90m, 12h or 3d"
    )
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    query = " ".join(args.query)
    try:
        since = since_of(args.since, SystemClock().now(), settings.calendar)
    except BadInput as error:
        print(f"vigie watched: {error}", file=sys.stderr)
        return 2
    with closing(ready_store(settings)) as store, closing(open_bus(settings)) as bus:
        try:
            answer = ask(store, bus, query, since)
            tell_unfinished("watched", query)
        except QueryError as error:
            print(explained("watched", query, error), file=sys.stderr)
            return 2
    if args.json:
        print_json(answer.shown())
    else:
        print(*_lines(answer, settings.calendar), sep="\n")
    return 0


def _told(tally: Tally, what: str) -> str:
    counts = f"{tally.gapped} with gaps, {tally.unwatched} not watched"
    return f"{tally.covered} of {tally.asked} {what} covered, {counts}"


def _lines(answer: Answer, zone: tzinfo) -> Iterator[str]:
    found = f"{answer.matched} matched" if answer.matched else "Nothing matched"
    every, named = answer.all_sources, answer.named_bodies
    yield f"{found} since {moment(answer.since, zone)}; {_told(every, 'sources')}."
    if 0 < named.asked < every.asked:
        yield f"Of the bodies that the mission names: {_told(named, 'named bodies')}."
    for item in answer.items:
        yield f"  {day(item.day):17}  {item.source:26}  {item.title[:90]}"
    if answer.gaps:
        yield "With gaps:"
    for gap in answer.gaps:
        why = f"{SAYS[gap.why]}: {gap.words}" if gap.words else SAYS[gap.why]
        yield f"  {gap.source:26}  {moment(gap.since, zone)} to {moment(gap.until, zone)}  {why}"
    if answer.unwatched:
        yield "Not watched:"
    for one in answer.unwatched:
        yield f"  {one.source:26}  {one.words or SAYS[one.why]}"
    if answer.near:
        yield "Near misses:"
    for near in answer.near:
        score = f" (has {near.score:g})" if near.score is not None else ""
        yield f"  {day(near.day):17}  {near.source:26}  {near.title[:70]}  lacks {near.lacks}{score}"
