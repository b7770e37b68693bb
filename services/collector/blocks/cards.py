"""Pure. What the rows of a block say: title, date and teaser, each found in the same way in all rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from services.collector.blocks.dated import dates_of
from services.collector.blocks.groups import Row
from services.collector.blocks.titles import says_more, titles_of
from services.collector.blocks.tree import Tree
from services.collector.dates import Dated


@dataclass(frozen=True, slots=True)
class Card:
    """One row as an entry. `written` is its date as it stands there.

    `headed`: its title is a heading. `own`: the title stands in the link itself, not beside a picture or "more".
    """

    url: str
    title: str
    written: str
    dated: Dated | None
    teaser: str
    headed: bool
    own: bool


def cards(tree: Tree, rows: Sequence[Row], zone: tzinfo, today: date | None = None) -> tuple[Card, ...]:
    """The rows that have a title, each address once. `today` is when the page was read."""
    titles = titles_of(tree, rows, zone)
    dates = dates_of(tree, rows, zone, today)
    made: dict[str, Card] = {}
    for row, (title, headed, own), (written, dated) in zip(rows, titles, dates, strict=True):
        if title and row.anchor.url not in made:
            teaser = _teaser(tree, row, title, written)
            made[row.anchor.url] = Card(row.anchor.url, title, written, dated, teaser, headed, own)
    return tuple(made.values())


def _teaser(tree: Tree, row: Row, title: str, written: str) -> str:
    first, last = tree.span(row.start, row.end)
    pieces = [
        text for text in tree.pieces[first:last] if text not in title and text != written and not says_more(text)
    ]
    longest = max(pieces, key=len, default="")
    return longest if len(longest) >= 40 else ""


def common(values: Sequence[str]) -> str:
    """The most frequent value."""
    return Counter(values).most_common(1)[0][0] if values else ""
