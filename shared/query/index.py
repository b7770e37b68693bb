"""Which of many subscriptions an item may concern, without asking each of them.

Every query is filed under keys of which a matching item must carry one at least: the forms of its rarest required
word, a theme, a source. An item looks only where its own keys lead. Equal queries are judged once.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from shared.query.match import Document, Passage, holds, phrase_words, word_forms, word_rows
from shared.query.syntax import Query
from shared.query.tree import And, Facet, Is, Node, Or, Phrase, Prefix, Word

S = TypeVar("S", bound=Hashable)

# How common a key of a kind is, roughly: the share of the items that carry it, in thousandths.
_COMMON: Final = {
    Facet.ORGANISATION: 10.0,
    Facet.SOURCE: 10.0,
    Facet.THEME: 100.0,
    Facet.COUNTRY: 400.0,
    Facet.LANGUAGE: 400.0,
}
_TEXT: Final = 5.0
_PREFIX: Final = 20.0
_PREFIX_LETTERS: Final = 4


@dataclass(frozen=True, slots=True)
class _Needs:
    """Keys of which an item must carry one for a query to match; `common`: how many items do, roughly."""

    keys: frozenset[str]
    common: float


class SubscriptionIndex(Generic[S]):
    """Subscriptions by what their queries require. Not thread-safe."""

    def __init__(self, subscriptions: Iterable[tuple[S, Query]] = ()) -> None:
        self._holders: dict[Node, dict[S, None]] = {}
        self._filed: dict[str, dict[Node, None]] = defaultdict(dict)
        self._keys: dict[Node, frozenset[str]] = {}
        self._always: dict[Node, None] = {}
        self._queries: dict[S, Node] = {}
        for subscription, query in subscriptions:
            self.add(subscription, query)

    def __len__(self) -> int:
        return len(self._queries)

    def add(self, subscription: S, query: Query) -> None:
        """File the subscription under its query, in place of an earlier one."""
        self.remove(subscription)
        node = query.node
        self._queries[subscription] = node
        if node not in self._holders:
            self._file(node)
        self._holders.setdefault(node, {})[subscription] = None

    def remove(self, subscription: S) -> None:
        """Forget the subscription, if it is known."""
        node = self._queries.pop(subscription, None)
        if node is None:
            return
        del self._holders[node][subscription]
        if not self._holders[node]:
            self._unfile(node)

    def matching(self, document: Document) -> tuple[S, ...]:
        """The subscriptions whose query finds the document, in no order."""
        return tuple(s for node in self._nodes(document) if holds(node, document) for s in self._holders[node])

    def candidates(self, document: Document) -> tuple[S, ...]:
        """The subscriptions that may match: all that do, and few others."""
        return tuple(s for node in self._nodes(document) for s in self._holders[node])

    def _nodes(self, document: Document) -> Iterator[Node]:
        found: dict[int, Node] = {id(node): node for node in self._always}
        for key in _carried(document) & self._filed.keys():
            for node in self._filed[key]:
                found[id(node)] = node  # by identity: hashing a tree costs more than judging it
        return iter(found.values())

    def _file(self, node: Node) -> None:
        needs = self._needs(node)
        if needs is None:
            self._always[node] = None
            return
        self._keys[node] = needs.keys
        for key in needs.keys:
            self._filed[key][node] = None

    def _unfile(self, node: Node) -> None:
        del self._holders[node]
        self._always.pop(node, None)
        for key in self._keys.pop(node, ()):
            del self._filed[key][node]
            if not self._filed[key]:
                del self._filed[key]

    def _needs(self, node: Node) -> _Needs | None:
        match node:
            case And(nodes):
                known = [needs for each in nodes if (needs := self._needs(each))]
                return min(known, key=self._cost, default=None)
            case Or(nodes):
                each_needs = [self._needs(each) for each in nodes]
                if None in each_needs:
                    return None
                every = [needs for needs in each_needs if needs]
                return _Needs(frozenset().union(*(n.keys for n in every)), sum(n.common for n in every))
            case _:
                return _leaf_needs(node)

    def _cost(self, needs: _Needs) -> float:
        """What looking under these keys costs: common keys are met often, and many queries may be filed there."""
        return needs.common * (1 + sum(len(self._filed.get(key, ())) for key in needs.keys))


def _leaf_needs(node: Node) -> _Needs | None:
    match node:
        case Word(text):
            rows = (max(row, key=len) for row in word_rows(text))
            return _Needs(frozenset(f"w{form}" for form in (*word_forms(text), *rows)), _TEXT)
        case Phrase(text):
            return _Needs(frozenset((f"x{max(phrase_words(text), key=len)}",)), _TEXT)
        case Prefix(text):
            *whole, last = phrase_words(text)
            if whole:
                return _Needs(frozenset((f"x{max(whole, key=len)}",)), _TEXT)
            return _Needs(frozenset((f"p{last[:_PREFIX_LETTERS]}",)), _PREFIX)
        case Is(facet, value):
            return _Needs(frozenset((f"{facet}:{value}",)), _COMMON[facet])
        case _:
            return None


def _carried(document: Document) -> set[str]:
    """The keys that the document carries."""
    keys = {f"{Facet.COUNTRY}:{document.country}", f"{Facet.LANGUAGE}:{document.language}"}
    keys.update(f"{Facet.SOURCE}:{source}" for source in document.sources)
    keys.update(f"{Facet.THEME}:{theme}" for theme in document.themes)
    keys.update(f"{Facet.ORGANISATION}:{name}" for name in document.organisations)
    for passage in (document.title, document.body):
        keys.update(_carried_words(passage))
    return keys


def _carried_words(passage: Passage) -> Iterator[str]:
    for term in passage.known:
        yield f"w{term}"
    for word in set(passage.exact):
        yield f"x{word}"
        for length in range(1, min(_PREFIX_LETTERS, len(word)) + 1):
            yield f"p{word[:length]}"
