"""Pure. What the rows of a block say: title, date and teaser, each found in the same way in all rows."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from services.collector.blocks.dated import dates_of
from services.collector.blocks.groups import Row
from services.collector.blocks.tree import HEADINGS, Tree
from services.collector.dates import Dated

_TITLE: Final = re.compile(
    r"(?<![a-z])(title|titel|titre|headline|heading|ueberschrift|betreff|intitule)(?![a-z])"
)
_KICKER: Final = re.compile(
    r"(?<![a-z])(kicker|topline|overline|dachzeile|spitzmarke|badge|label|flag|paywall|rubri(k|que))(?![a-z])"
)
_MORE: Final = re.compile(
    r"^(\W*(weiter ?lesen|mehr|mehr (dazu|erfahren|lesen|infos?|informationen)|zum artikel|artikel lesen|details?"
    r"|lesen|jetzt lesen|lire( la suite| plus)?|en savoir plus|la suite|plus|voir( plus)?|suite"
    r"|read( more| on)?|more|continue reading"
    r"|learn more|view|download|pdf|agenda|minutes|link|here|hier|ici|leer más|leggi( tutto)?"
    r"|»|›|>|→|…|\.\.\.)\W*)$",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")


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
    titles = _titles(tree, rows)
    dates = dates_of(tree, rows, zone, today)
    made: dict[str, Card] = {}
    for row, (title, headed, own), (written, dated) in zip(rows, titles, dates, strict=True):
        if title and row.anchor.url not in made:
            teaser = _teaser(tree, row, title, written)
            made[row.anchor.url] = Card(row.anchor.url, title, written, dated, teaser, headed, own)
    return tuple(made.values())


def says_nothing(title: str) -> bool:
    """Whether a link is called "more", "PDF" or a number."""
    return bool(_MORE.match(title)) or len(_LETTER.findall(title)) < 3


Finder = Callable[[Tree, Row], int | None]


def _titles(tree: Tree, rows: Sequence[Row]) -> list[tuple[str, bool, bool]]:
    """(title, headed, own) of each row: by the way that finds most rows' titles, the others' by the next ways."""
    columns = [_column(tree, rows, finder) for finder, _, _ in _FINDERS]
    best = next((i for i, column in enumerate(columns) if _serves(column)), None)
    order = [best, *(i for i in range(len(columns)) if i != best)] if best is not None else range(len(columns))
    titles = []
    for number, row in enumerate(rows):
        chosen = next((i for i in order if columns[i][number] and not says_nothing(columns[i][number])), None)
        if chosen is None:
            titles.append((_called_by_picture(tree, row), False, True))
        else:
            _, headed, own = _FINDERS[chosen]
            titles.append((columns[chosen][number], headed or _in_heading(tree, row), own))
    return titles


def _serves(column: Sequence[str]) -> bool:
    good = [title for title in column if title and not says_nothing(title)]
    return len(good) >= 0.7 * len(column) and len(set(good)) >= 0.6 * len(good)


def _column(tree: Tree, rows: Sequence[Row], finder: Finder) -> list[str]:
    """The titles that a way finds, without the kicker or badge that stands in the same element."""
    nodes = [finder(tree, row) for row in rows]
    cut = _extras(tree, [node for node in nodes if node is not None])
    return ["" if node is None else _without(tree, node, cut)[:1000] for node in nodes]


def _extras(tree: Tree, nodes: Sequence[int]) -> frozenset[str]:
    """Keys of the elements that stand first or last in titles and are no part of them: decided for all at once."""
    ends: Mapping[str, list[str]] = defaultdict(list)
    for node in nodes:
        first, last = tree.span(node, tree.ends[node])
        for at in {first, last - 1} if last - first > 1 else ():
            if tree.piece_nodes[at] != node:
                ends[tree.keys[tree.piece_nodes[at]]].append(tree.pieces[at])
    return frozenset(
        key
        for key, said in ends.items()
        if _KICKER.search(key) or (len(said) >= 4 and len(set(said)) <= 0.5 * len(said))
    )


def _without(tree: Tree, node: int, cut: frozenset[str]) -> str:
    if not cut:
        return tree.subtree(node)
    first, last = tree.span(node, tree.ends[node])
    while last - first > 1 and tree.keys[tree.piece_nodes[first]] in cut and tree.piece_nodes[first] != node:
        first += 1
    while last - first > 1 and tree.keys[tree.piece_nodes[last - 1]] in cut and tree.piece_nodes[last - 1] != node:
        last -= 1
    return tree.joined(first, last)


def _heading_in_link(tree: Tree, row: Row) -> int | None:
    return _first(tree, row.anchor.node, tree.ends[row.anchor.node], lambda node: tree.tags[node] in HEADINGS)


def _link_in_heading(tree: Tree, row: Row) -> int | None:
    return row.anchor.node if _in_heading(tree, row) else None


def _in_heading(tree: Tree, row: Row) -> bool:
    for ancestor in tree.ancestors(row.anchor.node):
        if tree.tags[ancestor] in HEADINGS or _TITLE.search(tree.words[ancestor]):
            return tree.letters(ancestor, tree.ends[ancestor]) < 400
        if ancestor <= row.start:
            break
    return False


def _called_title_in_link(tree: Tree, row: Row) -> int | None:
    return _first(
        tree, row.anchor.node + 1, tree.ends[row.anchor.node], lambda node: bool(_TITLE.search(tree.words[node]))
    )


def _link_itself(tree: Tree, row: Row) -> int | None:
    node = row.anchor.node
    if tree.letters(node, tree.ends[node]) <= 250:
        return node
    # the link wraps the whole card: its title is the first piece that is long enough to be one
    return _first(
        tree, node + 1, tree.ends[node], lambda inner: 15 <= tree.letters(inner, tree.ends[inner]) <= 250
    )


def _heading_in_row(tree: Tree, row: Row) -> int | None:
    return _first(tree, row.start, row.end, lambda node: tree.tags[node] in HEADINGS)


def _called_title_in_row(tree: Tree, row: Row) -> int | None:
    return _first(tree, row.start, row.end, lambda node: bool(_TITLE.search(tree.words[node])))


def _longest_cell(tree: Tree, row: Row) -> int | None:
    cells = [
        node
        for node in range(row.start, row.end)
        if tree.tags[node] in ("td", "dd", "th", "dt", "span", "div", "p")
    ]
    leaves = [
        node for node in cells if not _DIGIT.match(tree.subtree(node)[:2]) or tree.tags[node] in ("td", "dd")
    ]
    return max(leaves, key=lambda node: (min(tree.letters(node, tree.ends[node]), 200), node), default=None)


def _first(tree: Tree, start: int, end: int, fits: Callable[[int], bool]) -> int | None:
    for node in range(start, end):
        if fits(node) and tree.letters(node, tree.ends[node]):
            return node
    return None


def _called_by_picture(tree: Tree, row: Row) -> str:
    title = tree.nodes[row.anchor.node].get("title") or tree.nodes[row.anchor.node].get("aria-label") or ""
    for node in range(row.anchor.node, tree.ends[row.anchor.node]):
        if tree.tags[node] == "img":
            title = title or tree.nodes[node].get("alt") or ""
    return " ".join(title.split())[:1000] if not says_nothing(title) else ""


_FINDERS: Final[Sequence[tuple[Finder, bool, bool]]] = (  # the way, whether it is a heading, whether of the link
    (_heading_in_link, True, True),
    (_link_in_heading, True, True),
    (_called_title_in_link, True, True),
    (_link_itself, False, True),
    (_heading_in_row, True, False),
    (_called_title_in_row, True, False),
    (_longest_cell, False, False),
)


def _teaser(tree: Tree, row: Row, title: str, written: str) -> str:
    first, last = tree.span(row.start, row.end)
    pieces = [
        text for text in tree.pieces[first:last] if text not in title and text != written and not _MORE.match(text)
    ]
    longest = max(pieces, key=len, default="")
    return longest if len(longest) >= 40 else ""


def common(values: Sequence[str]) -> str:
    """The most frequent value."""
    return Counter(values).most_common(1)[0][0] if values else ""
