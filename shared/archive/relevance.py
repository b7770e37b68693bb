"""Ranks what a query finds: what says it in the title and says more of it first, the newer before the older.

The newest 10,000 hits are ranked; the others follow in no list. Both databases rank alike: what counts is which of
the words stand in the title and which anywhere, each weighed by how rare it is among the hits, and the age.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp, log
from typing import Final

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import Session, col

from shared.archive import cursor
from shared.archive.cursor import Place
from shared.archive.found import Page
from shared.archive.places_found import COUNT_CAP
from shared.archive.search import found_ids, mates, number_where
from shared.archive.tables import ItemRow
from shared.query.expansion import names_one_thing
from shared.query.hits import wanted_texts
from shared.query.sql import condition
from shared.query.syntax import Query, parse
from shared.query.tree import And, Node, Or, Text

RANKED: Final = COUNT_CAP  # of the newest hits
_WORDS: Final = 8  # of a query, that are weighed
_IN_TITLE: Final = 2.0  # weighs as much again as a word anywhere, and once more
_YEAR: Final = 365.0  # days after which what is new weighs a third of what it did
_NEWNESS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Hit:
    place: Place
    age: int  # days


def by_relevance(
    session: Session,
    query_text: str,
    now: datetime,
    *,
    limit: int,
    after: str | None = None,
    among: int = RANKED,
    collapse: bool = False,
) -> Page:
    """The first `limit` items behind a cursor, the most relevant `among` the newest first; else as `search` is."""
    query = parse(query_text)
    ranked = _ranked(session, query, now, among)
    begin = 0
    if after:
        behind = cursor.decode(after)
        begin = next((at for at, hit in enumerate(ranked, 1) if hit.place.id == behind.id), len(ranked))
    shown = ranked[begin : begin + limit]
    more = len(ranked) > begin + limit and shown
    next_ = cursor.encode(shown[-1].place) if more else None
    items = found_ids(session, [hit.place.id for hit in shown])
    before = {hit.place.id for hit in ranked[:begin]} if collapse else set()
    told = frozenset(story for item, story in mates(session, items).items() if item in before) if before else None
    return Page(items, next_, number_where(session, condition(query)), told or frozenset())


def has_words(query_text: str) -> bool:
    """Whether the query asks for words, by which items can be ranked. Raises QueryError."""
    return bool(wanted_texts(parse(query_text).node))


def _ranked(session: Session, query: Query, now: datetime, among: int) -> Sequence[_Hit]:
    wanted = condition(query)
    hits = [_Hit(place, max((now - place.sort_at).days, 0)) for place in _newest(session, wanted, among)]
    weights = _weights(session, query.node, wanted, len(hits), among)
    scored = [(weights.get(hit.place.id, 0.0) + _NEWNESS * exp(-hit.age / _YEAR), hit) for hit in hits]
    scored.sort(key=lambda one: (-round(one[0], 6), -one[1].place.sort_at.timestamp(), -one[1].place.id))
    return [hit for _, hit in scored]


def _weights(
    session: Session, node: Node, wanted: ColumnElement[bool], total: int, among: int
) -> Mapping[int, float]:
    """`items.id` -> what the words that it has weigh."""
    weights: dict[int, float] = {}
    alone = _all_wanted(node)
    for part in _parts(node)[:_WORDS]:
        titled = _titled(part)
        leaves = [(titled, _IN_TITLE)] if alone else [(titled, _IN_TITLE), (part, 1.0)]
        for leaf, weight in leaves:
            having = _newest(session, and_(wanted, condition(Query(leaf))), among)
            rare = log(1 + total / (1 + len(having)))
            for place in having:
                weights[place.id] = weights.get(place.id, 0.0) + weight * rare
    return weights


def _parts(node: Node) -> Sequence[Node]:
    """What is weighed, each once: the texts that are asked for, and the names of one thing as one of them."""
    if isinstance(node, Text) or names_one_thing(node):
        return (node,)
    nodes = node.nodes if isinstance(node, And | Or) else ()
    return tuple(dict.fromkeys(part for each in nodes for part in _parts(each)))


def _titled(part: Node) -> Node:
    """The part, asked of titles."""
    if isinstance(part, And | Or):
        return replace(part, nodes=tuple(map(_titled, part.nodes)))
    return replace(part, title=True) if isinstance(part, Text) else part


def _all_wanted(node: Node) -> bool:
    """Whether every hit has every part, so that only the title tells them apart."""
    return _is_part(node) or (isinstance(node, And) and not any(_has_choice(each) for each in node.nodes))


def _has_choice(node: Node) -> bool:
    return not _is_part(node) and bool(wanted_texts(node))


def _is_part(node: Node) -> bool:
    return isinstance(node, Text) or names_one_thing(node)


def _newest(session: Session, wanted: ColumnElement[bool], among: int) -> Sequence[Place]:
    places = select(col(ItemRow.sort_at), col(ItemRow.id)).where(wanted)
    newest = places.order_by(col(ItemRow.sort_at).desc(), col(ItemRow.id).desc()).limit(among)
    return [Place(*row) for row in session.execute(newest)]
