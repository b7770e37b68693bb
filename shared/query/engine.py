"""Pure. A query in the words of the index: FTS5's expressions, PostgreSQL's tsquery.

The index answers texts and facets, joined in any way that does not begin with a denial. Every term is [a-z0-9]+;
nothing of the query's own signs reaches an engine.
"""

from collections.abc import Sequence
from typing import Final

from shared.query.marks import FRANCO_GERMAN, MARKED, mark
from shared.query.near import room, wanted_words
from shared.query.tree import And, FrancoGerman, Is, Near, Node, Not, Or, Phrase, Prefix, Word
from shared.text.analyse import exact_words, query_forms, query_phrases

_TITLE: Final = {True: "{title} : ", False: ""}


def is_indexed(node: Node) -> bool:
    """Whether the index alone tells which items the node finds."""
    match node:
        case Word() | Phrase() | Prefix() | Near() | FrancoGerman():
            return True
        case Is(facet):
            return facet in MARKED
        case Or(nodes):
            return all(map(is_indexed, nodes))
        case And(nodes):
            return any(map(is_indexed, nodes)) and all(is_indexed(each) or _denied(each) for each in nodes)
        case _:
            return False


def _denied(node: Node) -> bool:
    return isinstance(node, Not) and is_indexed(node.node)


def fts5(node: Node) -> str:
    """An indexed node as FTS5 asks it."""
    match node:
        case Word(text, title):
            return f"{_TITLE[title]}({' OR '.join(_quoted(row) for row in _rows(text))})"
        case Phrase(text, title):
            return f"{_TITLE[title]}{_quoted(_exact(text))}"
        case Prefix(text, title):
            return f"{_TITLE[title]}{_quoted(_exact(text))} *"
        case Near(text, apart, title):
            words = " ".join(f'"x{word}"{" *" * begins}' for word, begins in wanted_words(text))
            between = max(room(text, apart) - 1, 0)  # words between the first and the last, as FTS5 counts
            return f"{_TITLE[title]}NEAR({words}, {between})"
        case Is() | FrancoGerman():
            return " OR ".join(f'"{term}"' for term in _marks(node))
        case Or(nodes):
            return " OR ".join(f"({fts5(each)})" for each in nodes)
        case And(nodes):
            wanted = " AND ".join(f"({fts5(each)})" for each in nodes if not isinstance(each, Not))
            denied = " OR ".join(f"({fts5(each.node)})" for each in nodes if isinstance(each, Not))
            return f"({wanted}) NOT ({denied})" if denied else wanted
        case _:
            raise TypeError(f"{type(node).__name__} is not indexed")


def tsquery(node: Node) -> str:
    """An indexed node as a tsquery, which knows nothing of proximity; and titles have an index of their own."""
    match node:
        case Word() | Phrase() | Prefix():
            return _text_query(node)
        case Is() | FrancoGerman():
            return " | ".join(_marks(node))
        case Or(nodes):
            return " | ".join(f"({tsquery(each)})" for each in nodes)
        case And(nodes):
            return " & ".join(_all_of(each) for each in nodes)
        case _:
            raise TypeError(f"{type(node).__name__} is not indexed")


def _all_of(node: Node) -> str:
    return f"!({tsquery(node.node)})" if isinstance(node, Not) else f"({tsquery(node)})"


def _text_query(leaf: Word | Phrase | Prefix) -> str:
    match leaf:
        case Word(text):
            return " | ".join(f"({' <-> '.join(row)})" for row in _rows(text))
        case Phrase(text):
            return " <-> ".join(_exact(text))
        case Prefix(text):
            return f"{' <-> '.join(_exact(text))}:*"


def _rows(word: str) -> Sequence[tuple[str, ...]]:
    return [(form,) for form in sorted(query_forms(word))] + sorted(query_phrases(word))


def _exact(text: str) -> Sequence[str]:
    return [f"x{word}" for word in exact_words(text)]


def _marks(leaf: Is | FrancoGerman) -> Sequence[str]:
    return [FRANCO_GERMAN] if isinstance(leaf, FrancoGerman) else [mark(leaf.facet, each) for each in leaf.values]


def _quoted(row: Sequence[str]) -> str:
    return f'"{" ".join(row)}"'
