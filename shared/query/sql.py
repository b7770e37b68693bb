"""A query as a condition on `items`, for SQLite and for PostgreSQL.

Texts are looked up in `item_search` (see `shared.archive.search_schema`), words in its columns of terms, phrases
and prefixes in its exact columns. `shared.query.match` judges one item by the same rules; a contract test compares
the two.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

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
from sqlalchemy.ext.compiler import compiles
from sqlmodel import col

from shared.archive.tables import (
    ItemAnnouncementRow,
    ItemOrganisationRow,
    ItemRow,
    ItemSpikeRow,
    ItemThemeRow,
    SightingRow,
    StoryAliasRow,
)
from shared.items import Announcement
from shared.query.match import COMPARED, millionths
from shared.query.near import Wanted, room, wanted_words
from shared.query.syntax import Query
from shared.query.tree import (
    After,
    And,
    Announces,
    Before,
    Deadline,
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
    Word,
)
from shared.text.analyse import exact_words, query_forms, query_phrases

_SEARCH: Final = table("item_search", column("rowid"), column("item_search"))
_MILLIONTHS: Final = func.round(col(ItemRow.sovereignty) * 1_000_000)
_VECTORS: Final = table("item_search", column("item"))


def condition(query: Query) -> ColumnElement[bool]:
    """The rows of `items` that the query finds."""
    return _condition(query.node)


def _condition(node: Node) -> ColumnElement[bool]:
    if (match := fts5(node)) is not None:
        return _Found(_in_fts5(match), _in_vectors(node))
    match node:
        case And(nodes):
            return and_(*_gathered(nodes, And))
        case Or(nodes):
            return or_(*_gathered(nodes, Or))
        case Not(denied):
            return not_(_condition(denied))
        case Is():
            return _is(node)
        case Sovereignty(sign, value):
            compared: ColumnElement[bool] = COMPARED[sign](_MILLIONTHS, millionths(value))
            return compared
        case _:
            return _fits(node)


def _fits(node: Node) -> ColumnElement[bool]:
    match node:
        case FrancoGerman():
            return col(ItemRow.franco_german).is_(True)
        case Sure(theme, sign, value):
            sure = COMPARED[sign](func.round(col(ItemThemeRow.score) * 1_000_000), millionths(value))
            return col(ItemRow.id).in_(
                select(col(ItemThemeRow.item)).where(col(ItemThemeRow.theme) == theme, sure)
            )
        case Tagged(model):
            return col(ItemRow.model).startswith(model, autoescape=True)
        case Spikes():
            return col(ItemRow.id).in_(select(col(ItemSpikeRow.item)))
        case Announces(kind):
            return _announces(kind)
        case Deadline(_, first, end):
            day = col(ItemAnnouncementRow.day)
            return _announces(Announcement.CALL, day >= first, day < end)
        case After(_, day):
            return since_day(day)
        case Before(_, day):
            return not_(since_day(day))
        case _:
            return true()


def _announces(kind: Announcement, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    said = select(col(ItemAnnouncementRow.item)).where(col(ItemAnnouncementRow.kind) == kind.value, *more)
    return col(ItemRow.id).in_(said)


def since_day(day: date) -> ColumnElement[bool]:
    """The items that count for this day or a later one.

    `sort_at` has the index. A day begins at most fourteen hours before it does in UTC.
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return and_(col(ItemRow.day) >= day, col(ItemRow.sort_at) >= begins - timedelta(days=1))


def _gathered(nodes: Sequence[Node], join: type[And] | type[Or]) -> list[ColumnElement[bool]]:
    """Conditions of the nodes, those on texts as one: one question to the index in place of many."""
    texts = [node for node in nodes if fts5(node) is not None]
    others = [_condition(node) for node in nodes if fts5(node) is None]
    if len(texts) > 1:
        return [_condition(join(tuple(texts))), *others]
    return [*map(_condition, texts), *others]


def _is(leaf: Is) -> ColumnElement[bool]:
    value = leaf.value
    match leaf.facet:
        case Facet.SOURCE:
            seen = select(col(SightingRow.item_id)).where(col(SightingRow.source).in_(leaf.values))
            return col(ItemRow.item_id).in_(seen)
        case Facet.THEME:
            return col(ItemRow.id).in_(select(col(ItemThemeRow.item)).where(col(ItemThemeRow.theme) == value))
        case Facet.ORGANISATION:
            named = select(col(ItemOrganisationRow.item)).where(col(ItemOrganisationRow.organisation) == value)
            return col(ItemRow.id).in_(named)
        case Facet.COUNTRY:
            return func.upper(col(ItemRow.country)) == value
        case Facet.LANGUAGE:
            return col(ItemRow.language) == value
        case Facet.STORY:
            return _of_story(value)


def _of_story(named: str) -> ColumnElement[bool]:
    """The items of the story that has or had this id."""
    root = select(col(StoryAliasRow.story)).where(col(StoryAliasRow.alias) == named)
    is_root = or_(col(StoryAliasRow.story) == named, col(StoryAliasRow.story).in_(root))
    other_names = select(col(StoryAliasRow.alias)).where(is_root)
    story = col(ItemRow.story)
    return or_(story == named, story.in_(root), story.in_(other_names))


class _Found(ColumnElement[bool]):
    """A question to the full-text index, in the words of either store."""

    inherit_cache = False

    def __init__(self, sqlite: ColumnElement[bool], postgresql: ColumnElement[bool]) -> None:
        self.sqlite = sqlite
        self.postgresql = postgresql


@compiles(_Found)
def _compile(element: _Found, compiler: Any, **options: Any) -> str:
    chosen = element.postgresql if compiler.dialect.name == "postgresql" else element.sqlite
    return f"({compiler.process(chosen, **options)})"


def _in_fts5(match: str) -> ColumnElement[bool]:
    found = select(_SEARCH.c.rowid).where(_SEARCH.c.item_search.op("MATCH")(literal(match)))
    return col(ItemRow.id).in_(found)


def fts5(node: Node) -> str | None:
    """The node as an FTS5 expression, or None when more than texts are asked for.

    Every term is [a-z0-9]+ and stands in quotes: nothing of the query's own signs reaches the engine.
    """
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


def _in_vectors(node: Node) -> ColumnElement[bool]:
    """One sub-select, whatever texts are asked for: the planner makes a join of each."""
    return col(ItemRow.id).in_(select(_VECTORS.c.item).where(_vectors(node)))


def _vectors(node: Node) -> ColumnElement[bool]:
    match node:
        case And(nodes):
            return and_(*map(_vectors, nodes))
        case Or(nodes):
            return or_(*map(_vectors, nodes))
        case Word() | Phrase() | Prefix():
            kind = "terms" if isinstance(node, Word) else "exact"
            wanted = func.to_tsquery(literal_column("'simple'"), literal(tsquery(node)))
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


def tsquery(leaf: Word | Phrase | Prefix) -> str:
    """The leaf as a tsquery."""
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
