"""Pure. Whether a query can find anything at all: what it asks for may contradict itself, and then nobody is told.

Only what is plain is seen: conditions that must hold together, as they stand. A query of which nothing is said
may find nothing, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from shared.query.match import millionths
from shared.query.tree import (
    After,
    And,
    Before,
    Everything,
    Facet,
    Is,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sovereignty,
    Sure,
    Word,
    all_of,
)

_ONE_OF: Final = frozenset({Facet.COUNTRY, Facet.LANGUAGE})  # an item has one
_WHOLE: Final = 1_000_000  # millionths
_AT_MOST: Final = 60  # conditions of a row that are held against one another


def contradiction(node: Node) -> Node | None:
    """What can never hold together, as small as it was found; None where nothing speaks against the query."""
    match node:
        case Or(nodes):
            found = [contradiction(each) for each in nodes]
            return found[0] if all(found) else None
        case And(nodes):
            return _in_row(nodes)
        case Sovereignty() | Sure():
            return None if len(_scores(node)) else node
        case _:
            return None


def _in_row(nodes: Sequence[Node]) -> Node | None:
    own = (contradiction(each) for each in nodes)
    return next((each for each in own if each), None) or next(_pairs(nodes), None)


def _pairs(nodes: Sequence[Node]) -> Iterator[Node]:
    for one, other in combinations(nodes[:_AT_MOST], 2):
        if _excludes(one, other) or _excludes(other, one):
            yield all_of([one, other])


def _excludes(one: Node, other: Node) -> bool:
    """Whether no item has both, asked in one direction."""
    match one, other:
        case _, Not(denied):
            return _implies(one, denied)
        case After(_, first), Before(_, end):
            return first >= end
        case Is(facet, value), Is(same, another) if facet is same and facet in _ONE_OF:
            return value != another
        case Is(facet), Or(nodes) if facet in _ONE_OF:
            return all(_excludes(one, each) or _excludes(each, one) for each in nodes)
        case Sovereignty() as ours, Sovereignty() as theirs:
            return _apart(ours, theirs)
        case Sure(theme) as ours, Sure(same_theme) as theirs if theme == same_theme:
            return _apart(ours, theirs)
        case _:
            return False


def _implies(node: Node, denied: Node) -> bool:
    """Whether an item that has the one has what is denied, too."""
    if node == denied or isinstance(denied, Everything):
        return True
    match node, denied:
        case _, Or(nodes):
            return any(_implies(node, each) for each in nodes)
        case Sure(theme), Is(Facet.THEME, value):
            return theme == value
        case (Word() | Phrase() | Prefix() | Near()) as titled, _ if titled.title:
            return replace(titled, title=False) == denied
        case After(_, day), After(_, other):
            return day >= other
        case Before(_, day), Before(_, other):
            return day <= other
        case _:
            return False


def _apart(one: Sovereignty | Sure, other: Sovereignty | Sure) -> bool:
    ours, theirs = _scores(one), _scores(other)
    return max(ours.start, theirs.start) >= min(ours.stop, theirs.stop)


def _scores(node: Sovereignty | Sure) -> range:
    """The scores that fit, in millionths."""
    at = millionths(node.value)
    fitting = {">": (at + 1, _WHOLE), ">=": (at, _WHOLE), "<": (0, at - 1), "<=": (0, at), "=": (at, at)}
    first, last = fitting[node.sign]
    return range(first, last + 1)
