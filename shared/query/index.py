"""Which of many subscriptions an item may concern, without asking each of them.

Every query is filed under keys of which a matching item must carry one at least: the forms of its rarest required
word, a theme, a source. An item looks only where its own keys lead. Equal queries are judged once.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from shared.query.match import Document, Passage, Predicate, predicate
from shared.query.near import wanted_words
from shared.query.syntax import Query
from shared.query.tree import And, Facet, Is, Near, Node, Or, Phrase, Prefix, Word
from shared.text.analyse import exact_words, query_forms, query_phrases

S = TypeVar("S", bound=Hashable)

# How common a key of a kind is, roughly: the share of the items that carry it, in thousandths.
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
_PREFIX_LETTERS: Final = 4


@dataclass(frozen=True, slots=True)
class _Needs:
    """Keys of which an item must carry one for a query to match; `common`: how many items do, roughly."""

    keys: frozenset[str]
    common: float


class _Filed(Generic[S]):
    """A query, what judges it, who holds it, and the keys that it is filed under (none: it is always asked)."""

    def __init__(self, node: Node, keys: frozenset[str]) -> None:
        self.node = node
        self.keys = keys
        self.holds: Predicate = predicate(node)
        self.subscriptions: dict[S, None] = {}


class SubscriptionIndex(Generic[S]):
    """Subscriptions by what their queries require. Not thread-safe."""

    def __init__(self, subscriptions: Iterable[tuple[S, Query]] = ()) -> None:
        self._by_subscription: dict[S, _Filed[S]] = {}
        self._by_node: dict[Node, _Filed[S]] = {}
        self._by_key: dict[str, dict[_Filed[S], None]] = {}
        self._always: dict[_Filed[S], None] = {}
        for subscription, query in subscriptions:
            self.add(subscription, query)

    def __len__(self) -> int:
        return len(self._by_subscription)

    def add(self, subscription: S, query: Query) -> None:
        """File the subscription under its query, in place of an earlier one."""
        self.remove(subscription)
        filed = self._by_node.get(query.node) or self._file(query.node)
        filed.subscriptions[subscription] = None
        self._by_subscription[subscription] = filed

    def remove(self, subscription: S) -> None:
        """Forget the subscription, if it is known."""
        filed = self._by_subscription.pop(subscription, None)
        if filed is None:
            return
        del filed.subscriptions[subscription]
        if not filed.subscriptions:
            self._unfile(filed)

    def matching(self, document: Document) -> tuple[S, ...]:
        """The subscriptions whose query finds the document, in no order."""
        return tuple(s for filed in self._asked(document) if filed.holds(document) for s in filed.subscriptions)

    def candidates(self, document: Document) -> tuple[S, ...]:
        """The subscriptions that may match: all that do, and few others."""
        return tuple(s for filed in self._asked(document) for s in filed.subscriptions)

    def _asked(self, document: Document) -> Iterable[_Filed[S]]:
        asked = dict(self._always)
        for key in _carried(document) & self._by_key.keys():
            asked.update(self._by_key[key])
        return asked

    def _file(self, node: Node) -> _Filed[S]:
        needs = self._needs(node)
        filed: _Filed[S] = _Filed(node, needs.keys if needs else frozenset())
        self._by_node[node] = filed
        for key in filed.keys:
            self._by_key.setdefault(key, {})[filed] = None
        if needs is None:
            self._always[filed] = None
        return filed

    def _unfile(self, filed: _Filed[S]) -> None:
        del self._by_node[filed.node]
        self._always.pop(filed, None)
        for key in filed.keys:
            del self._by_key[key][filed]
            if not self._by_key[key]:
                del self._by_key[key]

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
        return needs.common * (1 + sum(len(self._by_key.get(key, ())) for key in needs.keys))


def _leaf_needs(node: Node) -> _Needs | None:
    match node:
        case Word(text):
            rows = (max(row, key=len) for row in query_phrases(text))
            return _Needs(frozenset(f"w{form}" for form in (*query_forms(text), *rows)), _TEXT)
        case Phrase(text):
            return _Needs(frozenset((f"x{max(exact_words(text), key=len)}",)), _TEXT)
        case Prefix(text):
            *whole, last = exact_words(text)
            if whole:
                return _Needs(frozenset((f"x{max(whole, key=len)}",)), _TEXT)
            return _Needs(frozenset((f"p{last[:_PREFIX_LETTERS]}",)), _PREFIX)
        case Near(text):
            rarest = max(wanted_words(text), key=lambda wanted: (not wanted.begins, len(wanted.word)))
            if rarest.begins:
                return _Needs(frozenset((f"p{rarest.word[:_PREFIX_LETTERS]}",)), _PREFIX)
            return _Needs(frozenset((f"x{rarest.word}",)), _TEXT)
        case Is(facet):
            return _Needs(frozenset(f"{facet}:{value}" for value in node.values), _COMMON[facet])
        case _:
            return None


def _carried(document: Document) -> set[str]:
    """The keys that the document carries."""
    keys = {f"{facet}:{value}" for facet, value in document.facets}
    for passage in (document.title, document.body):
        keys.update(_carried_words(passage))
    return keys


def _carried_words(passage: Passage) -> Iterator[str]:
    for term in passage.terms.known:
        yield f"w{term}"
    for word in passage.exact.known:
        yield f"x{word}"
        for length in range(1, min(_PREFIX_LETTERS, len(word)) + 1):
            yield f"p{word[:length]}"
