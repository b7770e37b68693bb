"""Texts of a query in the words of the index of versions before 3, which answers until it is renewed."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from shared.query.near import Wanted, room, wanted_words
from shared.query.tree import And, Near, Node, Or, Phrase, Prefix, Word
from shared.text.analyse import exact_words, query_forms, query_phrases


def fts5(node: Node) -> str | None:
    """The node as an FTS5 expression, or None when more than texts are asked for."""
    match node:
        case Word(text, title):
            rows = [(form,) for form in sorted(query_forms(text))] + sorted(query_phrases(text))
            either = " OR ".join(f'"{" ".join(row)}"' for row in rows)
            return f"{{{_columns('terms', title)}}} : ({either})"
        case Phrase(text, title):
            return f'{{{_columns("exact", title)}}} : "{" ".join(exact_words(text))}"'
        case Prefix(text, title):
            return f'{{{_columns("exact", title)}}} : "{" ".join(exact_words(text))}" *'
        case Near(text, apart, title):
            words = " ".join(f'"{word}"{" *" * begins}' for word, begins in wanted_words(text))
            between = max(room(text, apart) - 1, 0)  # words between the first and the last, as FTS5 counts
            return f"{{{_columns('exact', title)}}} : NEAR({words}, {between})"
        case And(nodes) | Or(nodes):
            parts = [fts5(each) for each in nodes]
            joint = " AND " if isinstance(node, And) else " OR "
            return None if None in parts else joint.join(f"({part})" for part in parts)
        case _:
            return None


def vectors(node: Node) -> ColumnElement[bool]:
    """The node as a condition on the columns of vectors."""
    match node:
        case And(nodes):
            return and_(*map(vectors, nodes))
        case Or(nodes):
            return or_(*map(vectors, nodes))
        case Word() | Phrase() | Prefix():
            kind = "terms" if isinstance(node, Word) else "exact"
            wanted = func.to_tsquery(literal_column("'simple'"), literal(_tsquery(node)))
            return or_(*(column(name).op("@@")(wanted) for name in _columns(kind, node.title).split()))
        case Near(text, apart, title):
            words, far = wanted_words(text), room(text, apart)
            return or_(*(_near_in(name, words, far) for name in _columns("exact", title).split()))
        case _:
            raise TypeError(f"{type(node).__name__} is no text")


def _near_in(name: str, words: Sequence[Wanted], far: int) -> ColumnElement[bool]:
    """The column has all of the words, the last at most `far` places behind the first."""
    every = " & ".join(f"{word}{':*' * begins}" for word, begins in words)
    has_all = column(name).op("@@")(func.to_tsquery(literal_column("'simple'"), literal(every)))
    first, other = _places(name, words), _places(name, words)
    has = [func.bool_or(_is_word(other.c.lexeme, each)) for each in words]
    window = (
        select(literal(1))
        .select_from(first.join(other, other.c.at.between(first.c.at, first.c.at + far)))
        .group_by(first.c.at)
        .having(and_(*has))
    )
    return and_(has_all, exists(window))


def _places(name: str, words: Sequence[Wanted]) -> Subquery:
    """Where the words stand in the column: lexeme and place, a row for each."""
    lexemes = func.unnest(column(name)).table_valued("lexeme", "positions", "weights")
    place = func.unnest(lexemes.c.positions).table_valued("at").render_derived()
    found = select(lexemes.c.lexeme, place.c.at).select_from(lexemes.join(place, true()))
    return found.where(or_(*(_is_word(lexemes.c.lexeme, each) for each in words))).subquery()


def _is_word(lexeme: ColumnElement[str], wanted: Wanted) -> ColumnElement[bool]:
    return lexeme.like(f"{wanted.word}%") if wanted.begins else lexeme == wanted.word


def _tsquery(leaf: Word | Phrase | Prefix) -> str:
    match leaf:
        case Word(text):
            rows = [(form,) for form in sorted(query_forms(text))] + sorted(query_phrases(text))
            return " | ".join(f"({' <-> '.join(row)})" for row in rows)
        case Phrase(text):
            return " <-> ".join(exact_words(text))
        case Prefix(text):
            return " <-> ".join(exact_words(text)) + ":*"


def _columns(kind: str, title: bool) -> str:
    return f"title_{kind}" if title else f"title_{kind} body_{kind}"
