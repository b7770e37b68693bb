"""Which of many subscriptions an item concerns, without asking each of them.

Queries are taken apart (`shared.query.clauses`); a leaf that a thousand queries share is asked once. A query holds
where as many of its clauses hold as it has, and no leaf that it denies: that is counted for all at once.
"""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import fields
from itertools import chain
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from shared.query.clauses import PREFIX_LETTERS, Clause, Keys, keys, parts
from shared.query.match import Document, Predicate, predicate
from shared.query.syntax import Query
from shared.query.tree import Leaf, Node

S = TypeVar("S", bound=Hashable)

_FREE: Final = -1  # needed by a place that no query has: nothing counts below zero
_DENIED: Final = -2
_KINDS: Final = tuple(each.name for each in fields(Keys))
_NUMBER: Final = "i"  # of places, as C keeps them


class _Group:
    """A clause: its leaves, and the places of the queries that have it."""

    __slots__ = ("leaves", "places")

    def __init__(self, leaves: Clause) -> None:
        self.leaves = leaves
        self.places = array(_NUMBER)


class _Asked:
    """A leaf that queries have: what judges it, its clauses, and the places of the queries that deny it."""

    __slots__ = ("clauses", "denied", "holds", "keys")

    def __init__(self, leaf: Leaf) -> None:
        self.holds: Predicate = predicate(leaf)
        self.keys = keys(leaf)
        self.clauses: dict[Clause, _Group] = {}
        self.denied = array(_NUMBER)


class _Places(Generic[S]):
    """The queries, each at a place of its own, with who holds it. A place that is left is taken again."""

    def __init__(self) -> None:
        self.nodes: list[Node | None] = []
        self.holders: list[list[S]] = []
        self.rests: dict[int, Predicate] = {}
        self.needed: NDArray[np.int64] = np.full(64, _FREE, dtype=np.int64)
        self._free: list[int] = []

    def take(self, node: Node, needed: int, rest: Node | None) -> int:
        place = self._free.pop() if self._free else len(self.nodes)
        if place == len(self.nodes):
            self.nodes.append(None)
            self.holders.append([])
        if place >= len(self.needed):
            self.needed = np.concatenate((self.needed, np.full(len(self.needed), _FREE, dtype=np.int64)))
        self.nodes[place], self.needed[place] = node, needed
        if rest is not None:
            self.rests[place] = predicate(rest)
        return place

    def leave(self, place: int) -> None:
        self.nodes[place], self.needed[place] = None, _FREE
        self.rests.pop(place, None)
        self._free.append(place)


class SubscriptionIndex(Generic[S]):
    """Subscriptions by what their queries require. Not thread-safe."""

    def __init__(self, subscriptions: Iterable[tuple[S, Query]] = ()) -> None:
        self._places: _Places[S] = _Places()
        self._place_of: dict[S, int] = {}
        self._place_by_node: dict[Node, int] = {}
        self._asked: dict[Leaf, _Asked] = {}
        self._groups: dict[Clause, _Group] = {}
        self._by_key: Mapping[str, dict[Any, dict[_Asked, None]]] = {kind: {} for kind in _KINDS}
        self._always: dict[_Asked, None] = {}
        for subscription, query in subscriptions:
            self.add(subscription, query)

    def __len__(self) -> int:
        return len(self._place_of)

    def add(self, subscription: S, query: Query) -> None:
        """File the subscription under its query, in place of an earlier one."""
        self.remove(subscription)
        place = self._place_by_node.get(query.node)
        if place is None:
            place = self._place_by_node[query.node] = self._file(query.node)
        self._places.holders[place].append(subscription)
        self._place_of[subscription] = place

    def remove(self, subscription: S) -> None:
        """Forget the subscription, if it is known."""
        place = self._place_of.pop(subscription, None)
        if place is None:
            return
        self._places.holders[place].remove(subscription)
        if not self._places.holders[place]:
            self._unfile(place)

    def matching(self, document: Document) -> tuple[S, ...]:
        """The subscriptions whose query finds the document, in no order."""
        rests, holders = self._places.rests, self._places.holders
        places = self._counted(document)
        if rests:
            places = [place for place in places if place not in rests or rests[place](document)]
        return tuple(chain.from_iterable(map(holders.__getitem__, places)))

    def candidates(self, document: Document) -> tuple[S, ...]:
        """The subscriptions that may match: all that do, and few others, which have a rest that does not hold."""
        return tuple(one for place in self._counted(document) for one in self._places.holders[place])

    def _counted(self, document: Document) -> list[int]:
        """The places of the queries all of whose clauses hold, and none of whose denied leaves."""
        groups: dict[_Group, None] = {}
        denied: list[array[int]] = []
        for asked in self._may_hold(document):
            if asked.holds(document):
                for group in asked.clauses.values():
                    groups[group] = None
                if asked.denied:
                    denied.append(asked.denied)
        needed = self._places.needed
        every = [_numbers(group.places) for group in groups]
        counts = np.bincount(np.concatenate(every), minlength=len(needed)) if every else np.zeros(len(needed))
        for places in denied:
            counts[_numbers(places)] = _DENIED
        found: list[int] = np.flatnonzero(counts == needed).tolist()
        return found

    def _may_hold(self, document: Document) -> Iterator[_Asked]:
        """The leaves that the document has a key of, each once, and those that have none."""
        found: dict[_Asked, None] = dict(self._always)
        for kind, known in self._by_key.items():
            for key in known.keys() & _carried(document, kind) if known else ():
                found.update(known[key])
        return iter(found)

    def _file(self, node: Node) -> int:
        taken = parts(node)
        place = self._places.take(node, len(taken.clauses), taken.rest)
        for clause in taken.clauses:
            group = self._groups.get(clause)
            if group is None:
                group = self._groups[clause] = _Group(clause)
                for leaf in clause:
                    self._ask(leaf).clauses[clause] = group
            group.places.append(place)
        for leaf in taken.denied:
            self._ask(leaf).denied.append(place)
        return place

    def _unfile(self, place: int) -> None:
        node = self._places.nodes[place]
        assert node is not None  # somebody held it until now
        del self._place_by_node[node]
        self._places.leave(place)
        taken = parts(node)
        for clause in taken.clauses:
            group = self._groups[clause]
            group.places.remove(place)
            if not group.places:
                del self._groups[clause]
                for leaf in clause:
                    del self._asked[leaf].clauses[clause]
                    self._forget(leaf)
        for leaf in taken.denied:
            self._asked[leaf].denied.remove(place)
            self._forget(leaf)

    def _ask(self, leaf: Leaf) -> _Asked:
        asked = self._asked.get(leaf)
        if asked is None:
            asked = self._asked[leaf] = _Asked(leaf)
            if asked.keys is None:
                self._always[asked] = None
            for kind, key in _all(asked.keys):
                self._by_key[kind].setdefault(key, {})[asked] = None
        return asked

    def _forget(self, leaf: Leaf) -> None:
        asked = self._asked[leaf]
        if asked.clauses or asked.denied:
            return
        del self._asked[leaf]
        self._always.pop(asked, None)
        for kind, key in _all(asked.keys):
            known = self._by_key[kind]
            del known[key][asked]
            if not known[key]:
                del known[key]


def _numbers(places: "array[int]") -> NDArray[np.int32]:
    return np.frombuffer(places, dtype=np.int32)


def _all(wanted: Keys | None) -> Iterator[tuple[str, Any]]:
    if wanted is not None:
        for kind in _KINDS:
            yield from ((kind, key) for key in getattr(wanted, kind))


def _carried(document: Document, kind: str) -> Set[Any]:
    """The keys of this kind that the document has."""
    title, body = document.title.exact, document.body.exact
    match kind:
        case "facets":
            return document.facets
        case "terms":
            return document.words
        case "words":
            return title.known | body.known
        case "pairs":
            return title.pairs | body.pairs
        case _:
            words = title.known | body.known
            return {word[:length] for word in words for length in range(1, PREFIX_LETTERS + 1)}
