"""Pure. One item against queries: does it match, and why."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from shared.items import ArchivedItem
from shared.query.syntax import Query
from shared.query.tree import (
    After,
    And,
    Before,
    Everything,
    Facet,
    FrancoGerman,
    Is,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Sovereignty,
    Word,
)
from shared.text.analyse import Analysed, analyse, exact_words, query_forms, query_phrases
from shared.text.fold import name_key


class Passage:
    """A title or a body, ready to be asked for words, phrases and prefixes."""

    def __init__(self, analysed: Analysed) -> None:
        self.exact = analysed.exact
        self.terms = analysed.terms

    @cached_property
    def known(self) -> frozenset[str]:
        """The terms, for words."""
        return frozenset(self.terms)


@dataclass(frozen=True, slots=True)
class Document:
    """An item as queries see it. `moment` is when it was published, else first seen."""

    title: Passage
    body: Passage
    sources: frozenset[str]
    themes: frozenset[str]
    organisations: frozenset[str]
    country: str
    language: str
    sovereignty: float
    franco_german: bool
    moment: datetime


def document_of(item: ArchivedItem) -> Document:
    """The item as queries see it, analysed in the language of its verdict."""
    verdict = item.verdict
    return Document(
        title=Passage(analyse(item.title, verdict.language)),
        body=Passage(analyse(item.body(), verdict.language)),
        sources=frozenset(source.casefold() for source in item.sources),
        themes=frozenset(verdict.themes),
        organisations=frozenset(map(name_key, verdict.organisations)),
        country=item.country.upper(),
        language=verdict.language,
        sovereignty=verdict.sovereignty,
        franco_german=verdict.franco_german,
        moment=item.published or item.first_seen,
    )


def matches(query: Query, document: Document) -> bool:
    """True when the query finds the document."""
    return holds(query.node, document)


def holds(node: Node, document: Document) -> bool:
    """True when this part of a query holds for the document."""
    match node:
        case Word(text, title):
            return any(_has_word(passage, text) for passage in _passages(document, title))
        case And(nodes):
            return all(holds(each, document) for each in nodes)
        case Or(nodes):
            return any(holds(each, document) for each in nodes)
        case Not(denied):
            return not holds(denied, document)
        case Is(facet, value):
            return value in _values(document, facet)
        case Phrase(text, title):
            row = phrase_words(text)
            return any(has_row(passage.exact, row) for passage in _passages(document, title))
        case Prefix(text, title):
            row = phrase_words(text)
            return any(has_row(passage.exact, row, open_end=True) for passage in _passages(document, title))
        case _:
            return _fits(node, document)


def _fits(node: Node, document: Document) -> bool:
    match node:
        case Sovereignty(sign, value):
            return compares(document.sovereignty, sign, value)
        case FrancoGerman():
            return document.franco_german
        case After(_, moment):
            return document.moment >= moment
        case Before(_, moment):
            return document.moment < moment
        case _:
            return isinstance(node, Everything)


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
            return [Finding(node.echo(), holds(node, document), denied)]


def compares(score: float, sign: str, value: float) -> bool:
    """`score` sign `value`, both to a millionth, as the archive compares them."""
    difference = round(score * 1e6) - round(value * 1e6)
    return {
        ">": difference > 0,
        ">=": difference >= 0,
        "<": difference < 0,
        "<=": difference <= 0,
        "=": difference == 0,
    }[sign]


# Words of subscriptions come again for every item; the analyser's answers are kept.
word_forms = lru_cache(maxsize=65_536)(query_forms)
word_rows = lru_cache(maxsize=65_536)(query_phrases)
phrase_words = lru_cache(maxsize=16_384)(exact_words)


def has_row(words: tuple[str, ...], row: tuple[str, ...], *, open_end: bool = False) -> bool:
    """`row` stands in `words`, side by side; with `open_end` its last word may go on."""
    last = len(row) - 1
    for at in range(len(words) - last):
        if words[at : at + last] == row[:last]:
            final = words[at + last]
            if final == row[last] or (open_end and final.startswith(row[last])):
                return True
    return False


def _has_word(passage: Passage, word: str) -> bool:
    if not passage.known.isdisjoint(word_forms(word)):
        return True
    return any(passage.known.issuperset(row) and has_row(passage.terms, row) for row in word_rows(word))


def _passages(document: Document, title: bool) -> tuple[Passage, ...]:
    return (document.title,) if title else (document.title, document.body)


def _values(document: Document, facet: Facet) -> frozenset[str]:
    match facet:
        case Facet.SOURCE:
            return document.sources
        case Facet.THEME:
            return document.themes
        case Facet.ORGANISATION:
            return document.organisations
        case Facet.COUNTRY:
            return frozenset((document.country,))
        case Facet.LANGUAGE:
            return frozenset((document.language,))
