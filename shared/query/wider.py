"""Pure. Wider terms: what a query would be with one part less, a phrase as words, or a further theme."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from shared.errors import QueryError
from shared.query.lexer import OPERATORS, trimmed
from shared.query.small_words import without_small_words
from shared.query.syntax import parse
from shared.query.tree import And, Everything, Facet, Is, Node, Or, Phrase, Word, all_of, any_of

MOST: Final = 40  # of one query


def wider(query: str, near: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """Queries that find all that this one finds, and more, each wider by one step; never everything.

    `near` gives the themes that may stand beside one. A query that cannot be read has none.
    """
    try:
        node = parse(query).node
    except QueryError:
        return ()
    found = (step.echo() for step in _wider(node, near) if not isinstance(step, Everything))
    return tuple(dict.fromkeys(each for each in found if each != node.echo()))[:MOST]


def _wider(node: Node, near: Callable[[str], Iterable[str]]) -> Iterator[Node]:
    match node:
        case And(nodes):
            for place in range(len(nodes)):
                yield all_of([*nodes[:place], *nodes[place + 1 :]])
            for place, one in enumerate(nodes):
                for step in _wider(one, near):
                    yield all_of([*nodes[:place], step, *nodes[place + 1 :]])
        case Or(nodes):
            for place, one in enumerate(nodes):
                for step in _wider(one, near):
                    yield any_of([*nodes[:place], step, *nodes[place + 1 :]])
        case Phrase(text, title):
            words = _apart(text, title=title)
            if isinstance(words, And):  # a single word, or one that is passed over, would be no wider
                yield words
        case Is(facet=Facet.THEME, value=theme):
            for other in near(theme):
                yield any_of([node, Is(Facet.THEME, other)])


def _apart(text: str, *, title: bool) -> Node:
    """The words of a phrase, each for itself; its signs, colons and ORs are not those of a query."""
    words = (trimmed(word)[0].replace(":", " ") for word in text.split())
    plain = (word.lower() if word in OPERATORS else word for each in words for word in each.split())
    return without_small_words(all_of([Word(word, title) for word in plain]))[0]
