"""Pure. One item against queries: does it match, and why."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice, takewhile
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from shared.items import CALENDAR, Announcement, ArchivedItem, day_of
from shared.query.near import Wanted, room, wanted_words
from shared.query.syntax import Query
from shared.query.tree import (
    After,
    And,
    Announces,
    Before,
    Deadline,
    Everything,
    Facet,
    FrancoGerman,
    Is,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sovereignty,
    Spikes,
    Sure,
    Tagged,
    Text,
    Word,
)
from shared.text.analyse import Analysed, analyse, exact_words, query_forms, query_phrases
from shared.text.fold import name_key

Predicate = Callable[["Document"], bool]
COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq}


class Passage:
    """A title or a body, ready to be asked for words, phrases and prefixes."""

    def __init__(self, analysed: Analysed) -> None:
        self.exact = Words(analysed.exact)
        self.terms = Words(analysed.terms)


class Words:
    """Words in order. What is made of them is made when it is first asked for."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words

    @cached_property
    def known(self) -> frozenset[str]:
        """The words, in no order."""
        return frozenset(self._words)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Each two that stand side by side."""
        return frozenset(zip(self._words, self._words[1:], strict=False))

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self._words):
            places[word].append(at)
        return places

    @cached_property
    def _sorted(self) -> Sequence[str]:
        return sorted(self.known)

    def have_row(self, row: tuple[str, ...]) -> bool:
        """`row` stands here, side by side."""
        if not self.known.issuperset(row):
            return False
        return any(self._words[at : at + len(row)] == row for at in self._places[row[0]])

    def have_beginning(self, row: tuple[str, ...]) -> bool:
        """`row` stands here, side by side; its last word may go on."""
        *whole, last = row
        if not whole:
            at = bisect_left(self._sorted, last)
            return at < len(self._sorted) and self._sorted[at].startswith(last)
        beginnings = (at for at in self._places.get(row[0], ()) if self._words[at : at + len(whole)] == row[:-1])
        return any(word.startswith(last) for at in beginnings for word in self._words[at + len(whole) :][:1])

    def have_near(self, wanted: tuple[Wanted, ...], room: int) -> bool:
        """All of `wanted` stand here, the last at most `room` places behind the first."""
        places = [self._places_of(each) for each in wanted]
        if not all(places):
            return False
        return any(all(_within(each, first, first + room) for each in places) for some in places for first in some)

    def _places_of(self, wanted: Wanted) -> Sequence[int]:
        if not wanted.begins:
            return self._places.get(wanted.word, ())
        at = bisect_left(self._sorted, wanted.word)
        words = takewhile(lambda word: word.startswith(wanted.word), islice(self._sorted, at, None))
        return sorted(place for word in words for place in self._places[word])


def _within(places: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(places, first)
    return at < len(places) and places[at] <= last


@dataclass(frozen=True)
class Document:
    """An item as queries see it. `day` is the day that it counts for."""

    title: Passage
    body: Passage
    sources: frozenset[str]
    themes: frozenset[str]
    organisations: frozenset[str]
    country: str
    language: str
    sovereignty: float
    franco_german: bool
    day: date
    scores: Mapping[str, float]
    model: str
    announced: Mapping[Announcement, date | None]
    story: str = ""
    spikes: bool = False

    @cached_property
    def facets(self) -> frozenset[tuple[Facet, str]]:
        """Every facet that the item has a value of, with each value."""
        return frozenset(
            (facet, value)
            for facet, values in (
                (Facet.SOURCE, self.sources),
                (Facet.THEME, self.themes),
                (Facet.ORGANISATION, self.organisations),
                (Facet.COUNTRY, (self.country,)),
                (Facet.LANGUAGE, (self.language,)),
                (Facet.STORY, (self.story,)),
            )
            for value in values
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """The terms of title and body."""
        return self.title.terms.known | self.body.terms.known


def document_of(item: ArchivedItem) -> Document:
    """The item as queries see it, analysed in the language of its verdict."""
    verdict = item.verdict
    return Document(
        title=Passage(analyse(item.title, verdict.language)),
        body=Passage(analyse(item.body(), verdict.language)),
        sources=frozenset(item.sources),
        themes=frozenset(verdict.themes),
        organisations=frozenset(map(name_key, verdict.organisations)),
        country=item.country.upper(),
        language=verdict.language,
        sovereignty=verdict.sovereignty,
        franco_german=verdict.franco_german,
        scores=verdict.scores,
        model=verdict.model,
        story=item.story,
        announced={each.kind: each.day for each in verdict.announced},
        day=item.day or day_of(None, item.published or item.first_seen, CALENDAR),
        spikes=bool(item.spikes),
    )


def matches(query: Query, document: Document) -> bool:
    """True when the query finds the document."""
    return predicate(query.node)(document)


def predicate(node: Node) -> Predicate:
    """What tells whether this part of a query holds for a document. Worth keeping for many documents."""
    match node:
        case And(nodes):
            return _all(tuple(map(predicate, sorted(nodes, key=_is_slow))))
        case Or(nodes):
            return _any(tuple(map(predicate, sorted(nodes, key=_is_slow))))
        case Not(denied):
            holds = predicate(denied)
            return lambda document: not holds(document)
        case Word() | Phrase() | Prefix() | Near():
            return _text(node)
        case _:
            return _fact(node)


def _is_slow(node: Node) -> bool:
    return isinstance(node, Word | Phrase | Prefix | Near | And | Or | Not)


# Loops, because a generator for each of 100,000 subscriptions would double their time.
def _all(predicates: Sequence[Predicate]) -> Predicate:
    def hold(document: Document) -> bool:
        for holds in predicates:  # noqa: SIM110 a loop is quicker than all() or any() here, once per item and subscription
            if not holds(document):
                return False
        return True

    return hold


def _any(predicates: Sequence[Predicate]) -> Predicate:
    def hold(document: Document) -> bool:
        for holds in predicates:  # noqa: SIM110 a loop is quicker than all() or any() here, once per item and subscription
            if holds(document):
                return True
        return False

    return hold


def _text(leaf: Text) -> Predicate:
    match leaf:
        case Word(text, title):
            return _word(query_forms(text), query_phrases(text), title)
        case Phrase(text, title):
            row = exact_words(text)
            return lambda document: any(p.exact.have_row(row) for p in _passages(document, title))
        case Prefix(text, title):
            row = exact_words(text)
            return lambda document: any(p.exact.have_beginning(row) for p in _passages(document, title))
        case Near(text, apart, title):
            words, far = wanted_words(text), room(text, apart)
            return lambda document: any(p.exact.have_near(words, far) for p in _passages(document, title))


def _word(forms: frozenset[str], rows: frozenset[tuple[str, ...]], title: bool) -> Predicate:
    def holds(document: Document) -> bool:
        known = document.title.terms.known if title else document.words
        if not known.isdisjoint(forms):
            return True
        return any(p.terms.have_row(row) for row in rows for p in _passages(document, title))

    return holds


def _fact(leaf: Node) -> Predicate:
    match leaf:
        case Is(facet):
            wanted = frozenset((facet, value) for value in leaf.values)
            return lambda document: not wanted.isdisjoint(document.facets)
        case Sovereignty(sign, value):
            compared = COMPARED[sign]
            return lambda document: bool(compared(millionths(document.sovereignty), millionths(value)))
        case Sure(theme, sign, value):
            compared = COMPARED[sign]
            return lambda document: (
                theme in document.themes
                and bool(compared(millionths(document.scores.get(theme, 1.0)), millionths(value)))
            )
        case Tagged(model):
            return lambda document: document.model.startswith(model)
        case FrancoGerman():
            return lambda document: document.franco_german
        case Spikes():
            return lambda document: document.spikes
        case Announces(kind):
            return lambda document: kind in document.announced
        case Deadline(_, first, end):
            return lambda document: _lies_between(document.announced.get(Announcement.CALL), first, end)
        case After(_, day):
            return lambda document: document.day >= day
        case Before(_, day):
            return lambda document: document.day < day
        case _:
            return lambda _: True


def _lies_between(day: date | None, first: date, end: date) -> bool:
    return day is not None and first <= day < end


def millionths(score: float) -> int:
    """A score as the comparisons of a query see it: 0.1 + 0.2 is 0.3."""
    return round(score * 1_000_000)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one leaf of a query says of a document. `part` is the leaf as the echo writes it."""

    part: str
    holds: bool
    denied: bool  # it stands under a NOT: holding, it speaks against the item


def why(query: Query, document: Document) -> tuple[Finding, ...]:
    """Leaf by leaf, in the order of the query, what speaks for and against a match."""
    return tuple(_findings(query.node, document, denied=False))


def _findings(node: Node, document: Document, *, denied: bool) -> list[Finding]:
    match node:
        case And(nodes) | Or(nodes):
            return [finding for each in nodes for finding in _findings(each, document, denied=denied)]
        case Not(inner):
            return _findings(inner, document, denied=not denied)
        case Everything():
            return []
        case _:
            return [Finding(node.echo(), predicate(node)(document), denied)]


def _passages(document: Document, title: bool) -> tuple[Passage, ...]:
    return (document.title,) if title else (document.title, document.body)
