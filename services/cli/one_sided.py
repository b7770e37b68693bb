"""Say what bodies of one country published on a theme that none of the other did: France and Germany.

A publication stands here where no counterpart was found within DAYS before and after it, among the bodies that
polls prove were watched all that time; how many these were is said. A counterpart that came later takes the
statement back. How well that works: docs/comparing.md.

example: vigie one-sided energy
example: vigie one-sided ai --days 3 --json
exit codes: 0 answered, whatever the answer; 2 no such theme; 3 the database or the bus does not answer
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from services.cli.arguments import count
from services.cli.shown import print_json
from shared.config import Settings
from shared.errors import BadInput
from shared.watched.one_sided import DAYS, Board, boards
from shared.wiring import open_bus, ready_store

_NAMES: Final = {"fr": ("French", "German"), "de": ("German", "French")}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("theme", help="a theme, as in theme:energy")
    parser.add_argument("--days", type=count, default=DAYS, help=f"in which a counterpart counts; default {DAYS}")
    parser.add_argument("--json", action="store_true", help="machine output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    with closing(ready_store(settings)) as store, closing(open_bus(settings)) as bus:
        try:
            found = boards(store, bus, args.theme, args.days)
        except BadInput as error:
            print(f"vigie one-sided: {error}", file=sys.stderr)
            return 2
    if args.json:
        print_json([board.shown() for board in found])
    else:
        for board in found:
            print(*_lines(board), sep="\n")
    return 0


def _lines(board: Board) -> Iterator[str]:
    own, other = _NAMES[board.country]
    yield (
        f"{own} bodies on {board.theme}, no {other} counterpart found within {board.days} days: "
        f"{len(board.standing)} of {board.asked}; {board.unproven} not proven"
    )
    for each in board.standing:
        day = each.item.day.isoformat()
        yield f"  {day}  {each.item.source:26}  {each.item.title[:90]}  ({each.watched} {other} bodies watched)"
    if board.withdrawn:
        yield "  Withdrawn, a counterpart came later:"
    for each in board.withdrawn:
        late = each.late
        if late is not None:
            yield f"  {each.item.day.isoformat()}  {each.item.title[:60]}"
            yield f"    {late.day.isoformat()}  {late.title[:60]}"
