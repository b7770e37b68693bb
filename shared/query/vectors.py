"""An indexed part of a query as a condition on the vectors of PostgreSQL.

A tsquery has no proximity in any order: where one is asked for, the places of its words are looked at. Titles are
asked of an index of their own.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    column,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    true,
)

from shared.query.engine import tsquery
from shared.query.near import Wanted, room, wanted_words
from shared.query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Word

VECTORS: Final = table("item_words", column("place"), column("words"))


def vectors(node: Node) -> ColumnElement[bool]:
    """The vectors that the node finds."""
    if _is_plain(node):
        return _matches(tsquery(node))
    match node:
        case And(nodes):
            return and_(*_gathered(nodes, And))
        case Or(nodes):
            return or_(*_gathered(nodes, Or))
        case Not(denied):
            return not_(vectors(denied))
        case Word() | Phrase() | Prefix():
            return _title_matches(tsquery(replace(node, title=False)))
        case Near(text, apart, title):
            words, far = wanted_words(text), room(text, apart)
            every = " & ".join(f"x{word}:{'*' * begins}{'A' if title else 'AD'}" for word, begins in words)
            return and_(_matches(every), or_(*(_near(words, far, each) for each in ("A" if title else "AD"))))
        case _:
            raise TypeError(f"{type(node).__name__} is no part of the index")


def _is_plain(node: Node) -> bool:
    """Whether one tsquery over all words asks it: neither proximity nor titles, nor a denial alone."""
    match node:
        case And(nodes) | Or(nodes):
            return all(map(_joins, nodes))
        case Word() | Phrase() | Prefix():
            return not node.title
        case _:
            return not isinstance(node, Not | Near)


def _joins(node: Node) -> bool:
    """The same beside something that is wanted."""
    return _is_plain(node.node if isinstance(node, Not) else node)


def _gathered(nodes: Sequence[Node], join: type[And] | type[Or]) -> list[ColumnElement[bool]]:
    """Conditions of the nodes, what one tsquery asks as one."""
    plain = tuple(filter(_joins if any(map(_is_plain, nodes)) else _is_plain, nodes))
    together = [] if not plain else [_matches(tsquery(join(plain) if len(plain) > 1 else plain[0]))]
    return [*together, *(vectors(node) for node in nodes if node not in plain)]


def _matches(query: str) -> ColumnElement[bool]:
    return VECTORS.c.words.op("@@")(func.to_tsquery(literal_column("'simple'"), literal(query)))


def _title_matches(query: str) -> ColumnElement[bool]:
    """Titles have an index of their own: by that of all words PostgreSQL reads each hit to see where it stands."""
    title = func.ts_filter(VECTORS.c.words, literal_column("'{a}'"))
    return title.op("@@")(func.to_tsquery(literal_column("'simple'"), literal(query)))


def _near(words: Sequence[Wanted], far: int, weight: str) -> ColumnElement[bool]:
    """Title (A) or body (D) has all of the words, the last at most `far` places behind the first."""
    first, other = _places(words, weight), _places(words, weight)
    has = [func.bool_or(_is_word(other.c.lexeme, each)) for each in words]
    window = (
        select(literal(1))
        .select_from(first.join(other, other.c.at.between(first.c.at, first.c.at + far)))
        .group_by(first.c.at)
        .having(and_(*has))
    )
    return exists(window)


def _places(words: Sequence[Wanted], weight: str) -> Subquery:
    """Where the words stand: lexeme and place, a row for each."""
    lexemes = func.unnest(VECTORS.c.words).table_valued("lexeme", "positions", "weights")
    place = func.unnest(lexemes.c.positions, lexemes.c.weights).table_valued("at", "weight").render_derived()
    found = select(lexemes.c.lexeme, place.c.at).select_from(lexemes.join(place, true()))
    here = found.where(place.c.weight == weight)
    return here.where(or_(*(_is_word(lexemes.c.lexeme, each) for each in words))).subquery()


def _is_word(lexeme: ColumnElement[str], wanted: Wanted) -> ColumnElement[bool]:
    return lexeme.like(f"x{wanted.word}%") if wanted.begins else lexeme == f"x{wanted.word}"
