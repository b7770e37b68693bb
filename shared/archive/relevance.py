"""Ranks what a query finds: what says it in the title and says more of it first, the newer before the older.

The newest 10,000 hits are ranked; the others follow in no list. Both databases rank alike: what counts is which of
the words stand in the title and which anywhere, each weighed by how rare it is among the hits, and the age.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import exp, log
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive import cursor, places_found
from shared.archive.collapse import one_per_story
from shared.archive.cursor import Place
from shared.archive.found import FoundItem, Page
from shared.archive.listed import AT_ONCE
from shared.archive.places import slot, slots
from shared.archive.places_found import COUNT_CAP, Wanted
from shared.archive.renewal import is_through
from shared.archive.search import FILLED, count, found_ids, mates, place_of
from shared.archive.tables import ItemRow, PlaceRow
from shared.query.expansion import names_one_thing
from shared.query.hits import wanted_texts
from shared.query.plan import plan
from shared.query.sql import condition
from shared.query.syntax import Query, parse
from shared.query.tree import And, Node, Or, Text, all_of

RANKED: Final = COUNT_CAP  # of the newest hits
_WORDS: Final = 8  # of a query, that are weighed
_IN_TITLE: Final = 2.0  # weighs as much again as a word anywhere, and once more
_YEAR: Final = 365.0  # days after which what is new weighs a third of what it did
_NEWNESS: Final = 1.0
_DAY: Final = slots(timedelta(days=1))


class _Hit(NamedTuple):
    """`key` is the item's place; its `items.id` before every item has a place."""

    key: int
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
        key = place_of(session, behind) if is_through(session) else behind.id
        begin = next((number for number, hit in enumerate(ranked, 1) if hit.key == key), len(ranked))
    before = frozenset(_numbers(session, ranked[:begin])) if collapse else frozenset()
    items: tuple[FoundItem, ...] = ()
    numbers: list[int] = []
    told: frozenset[str] = frozenset()
    missing, end = limit, begin
    for _ in range(1 + (FILLED if collapse else 0)):
        further = _numbers(session, ranked[end : end + missing])
        items, numbers, end = (*items, *found_ids(session, further)), [*numbers, *further], end + missing
        if before:
            told = frozenset(story for item, story in mates(session, items).items() if item in before)
        missing = limit - sum(1 for _ in one_per_story(items, told))
        if missing <= 0 or end >= len(ranked):
            break
    more = len(ranked) > end and items
    next_ = cursor.encode(Place(items[-1].published or items[-1].first_seen, numbers[-1])) if more else None
    return Page(items, next_, count(session, query_text), told)


def has_words(query_text: str) -> bool:
    """Whether the query asks for words, by which items can be ranked. Raises QueryError."""
    return bool(wanted_texts(parse(query_text).node))


def _ranked(session: Session, query: Query, now: datetime, among: int) -> Sequence[_Hit]:
    hits = _newest(session, query.node, now, among)
    weights = _weights(session, query.node, now, hits, among)
    scored = [(round(weights.get(hit.key, 0.0) + _NEWNESS * exp(-hit.age / _YEAR), 6), hit) for hit in hits]
    scored.sort(key=lambda one: -one[0])  # of equals the newer stays first
    return [hit for _, hit in scored]


def _weights(session: Session, node: Node, now: datetime, hits: Sequence[_Hit], among: int) -> Mapping[int, float]:
    """Key of a hit -> what the words that it has weigh."""
    weights: dict[int, float] = defaultdict(float)
    alone, total, oldest = _all_wanted(node), len(hits), hits[-1].key if hits else None
    for part in _parts(node)[:_WORDS]:
        titled = _titled(part)
        leaves = [(titled, _IN_TITLE)] if alone else [(titled, _IN_TITLE), (part, 1.0)]
        for leaf, weight in leaves:
            having = _newest(session, all_of([node, leaf]), now, among, oldest)
            rare = log(1 + total / (1 + len(having)))
            for hit in having:
                weights[hit.key] += weight * rare
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


def _newest(session: Session, node: Node, now: datetime, among: int, since: int | None = None) -> Sequence[_Hit]:
    """The newest first, none before `since`; no item is read where every one has its place."""
    if is_through(session):
        at = slot(now)
        found = places_found.places(session, plan(Query(node)), Wanted("newest", None, among, since))
        return [_Hit(place, max((at - place) // _DAY, 0)) for place in found]
    both = select(col(ItemRow.id), col(ItemRow.sort_at)).where(condition(Query(node)))
    newest = both.order_by(col(ItemRow.sort_at).desc(), col(ItemRow.id).desc()).limit(among)
    return [_Hit(number, max((now - sort_at).days, 0)) for number, sort_at in session.execute(newest)]


def _numbers(session: Session, hits: Sequence[_Hit]) -> Sequence[int]:
    """The `items.id` of hits, in their order."""
    keys = [hit.key for hit in hits]
    if not is_through(session):
        return keys
    found: dict[int, int] = {}
    for start in range(0, len(keys), AT_ONCE):
        there = col(PlaceRow.place).in_(keys[start : start + AT_ONCE])
        rows = session.execute(select(col(PlaceRow.place), col(PlaceRow.item)).where(there))
        found.update((place, item) for place, item in rows)
    return [found[key] for key in keys if key in found]
