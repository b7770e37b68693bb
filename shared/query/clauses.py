"""Pure. A query taken apart, for many to be asked at once: clauses, each a few leaves of which one must hold.

Most queries are nothing else: `(theme:ai OR theme:energy) lang:de -kohle` is two clauses and a leaf denied.
What is joined more deeply is a rest that is asked as it stands, behind a clause that it needs at least.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from shared.query.near import wanted_words
from shared.query.tree import (
    And,
    Everything,
    Facet,
    Is,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    all_of,
)
from shared.text.analyse import exact_words, query_forms, query_phrases

Clause = frozenset[Leaf]
# How common a leaf of a kind is, roughly: the share of the items that it holds for, in thousandths.
_COMMON: Final = {
    Facet.ORGANISATION: 10.0,
    Facet.SOURCE: 10.0,
    Facet.STORY: 0.01,
    Facet.THEME: 100.0,
    Facet.COUNTRY: 400.0,
    Facet.LANGUAGE: 400.0,
}
_TEXT: Final = 5.0
_PREFIX: Final = 20.0
_ANY: Final = 300.0
PREFIX_LETTERS: Final = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """Of each clause one leaf holds, of the denied ones none, and the rest, if there is one, holds."""

    clauses: frozenset[Clause]
    denied: frozenset[Leaf]
    rest: Node | None


@dataclass(frozen=True, slots=True)
class Keys:
    """What a document must have one of for a leaf to hold: terms, words, two in a row, beginnings, facets."""

    terms: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    beginnings: frozenset[str] = frozenset()
    facets: frozenset[tuple[Facet, str]] = frozenset()


def parts(node: Node) -> Parts:
    """The query taken apart; together the parts hold where it does."""
    clauses: set[Clause] = set()
    denied: set[Leaf] = set()
    rest: list[Node] = []
    for each in node.nodes if isinstance(node, And) else (node,):
        match each:
            case Everything():
                pass
            case Or(nodes) if _leaves(nodes):
                clauses.add(frozenset(_leaves(nodes)))
            case Not(Or(nodes)) if _leaves(nodes):
                denied.update(_leaves(nodes))
            case Not(inner) if _leaves((inner,)):
                denied.update(_leaves((inner,)))
            case And() | Or() | Not():
                rest.append(each)
                clauses.update(_needed(each))
            case _:
                clauses.add(frozenset((each,)))
    return Parts(frozenset(clauses), frozenset(denied), all_of(rest) if rest else None)


def keys(leaf: Leaf) -> Keys | None:
    """Where to look for a leaf; None where any document may have it."""
    match leaf:
        case Word(text):
            rows = (max(row, key=len) for row in query_phrases(text))
            return Keys(terms=frozenset((*query_forms(text), *rows)))
        case Phrase(text):
            return _in_a_row(exact_words(text))
        case Prefix(text):
            *whole, last = exact_words(text)
            return _in_a_row(whole) if whole else Keys(beginnings=frozenset((last[:PREFIX_LETTERS],)))
        case Near(text):
            rarest = max(wanted_words(text), key=lambda wanted: (not wanted.begins, len(wanted.word)))
            if rarest.begins:
                return Keys(beginnings=frozenset((rarest.word[:PREFIX_LETTERS],)))
            return Keys(words=frozenset((rarest.word,)))
        case Is(facet):
            return Keys(facets=frozenset((facet, value) for value in leaf.values))
        case _:
            return None


def _in_a_row(words: Sequence[str]) -> Keys:
    """Of words that stand side by side the longest two: common words stand beside each other in few texts."""
    if len(words) < 2:
        return Keys(words=frozenset(words))
    return Keys(pairs=frozenset((max(pairwise(words), key=lambda pair: len(pair[0]) + len(pair[1])),)))


def _leaves(nodes: Iterable[Node]) -> tuple[Leaf, ...]:
    """The nodes, where all of them are leaves that may hold or not."""
    found = tuple(node for node in nodes if not isinstance(node, And | Or | Not | Everything))
    return found if len(found) == len(tuple(nodes)) else ()


def _needed(node: Node) -> Iterable[Clause]:
    """A clause without which a part that is joined more deeply cannot hold, if there is one: the rarest."""
    needs = _needs(node)
    return () if needs is None else (needs,)


def _needs(node: Node) -> Clause | None:
    match node:
        case And(nodes):
            return min((needs for each in nodes if (needs := _needs(each))), key=_common, default=None)
        case Or(nodes):
            each_needs = [_needs(each) for each in nodes]
            if None in each_needs:
                return None
            return frozenset[Leaf]().union(*(needs for needs in each_needs if needs))
        case Not() | Everything():
            return None
        case _:
            return frozenset((node,))


def _common(clause: Clause) -> float:
    return sum(map(_leaf_common, clause))


def _leaf_common(leaf: Leaf) -> float:
    match leaf:
        case Is(facet):
            return _COMMON[facet]
        case Prefix():
            return _PREFIX
        case Word() | Phrase() | Near():
            return _TEXT
        case _:
            return _ANY
