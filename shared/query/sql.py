"""A query as a condition on `items`, for SQLite and for PostgreSQL.

Texts are looked up in the index (see `shared.archive.search_schema`). `shared.query.match` judges one item by the
same rules; a contract test compares the two. `of_facts` is what the small rows of `item_places` tell.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, column, func, literal, not_, or_, select, table, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlmodel import col

from shared.archive.tables import (
    ItemAnnouncementRow,
    ItemOrganisationRow,
    ItemRow,
    ItemSpikeRow,
    ItemThemeRow,
    PlaceRow,
    SightingRow,
    StoryAliasRow,
)
from shared.items import Announcement
from shared.query import earlier, engine
from shared.query.match import COMPARED, millionths
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
    Node,
    Not,
    Or,
    Sovereignty,
    Spikes,
    Sure,
    Tagged,
)
from shared.query.vectors import VECTORS, vectors

FTS5: Final = table("item_words", column("rowid"), column("item_words"))
_OLD_FTS5: Final = table("item_search", column("rowid"), column("item_search"))
_OLD_VECTORS: Final = table("item_search", column("item"))
_MILLIONTHS: Final = func.round(col(ItemRow.sovereignty) * 1_000_000)


def condition(query: Query) -> ColumnElement[bool]:
    """The rows of `items` that the query finds."""
    return of_node(query.node)


def of_node(node: Node) -> ColumnElement[bool]:
    """The rows of `items` that a part of a query finds."""
    if earlier.fts5(node) is not None:
        return _found(node)
    match node:
        case And(nodes):
            return and_(*_gathered(nodes, And))
        case Or(nodes):
            return or_(*_gathered(nodes, Or))
        case Not(denied):
            return not_(of_node(denied))
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


def of_facts(node: Node) -> ColumnElement[bool] | None:
    """The node as a condition on `item_places`; None when more is asked than they tell."""
    match node:
        case And(nodes) | Or(nodes):
            parts = [of_facts(each) for each in nodes]
            known = [part for part in parts if part is not None]
            joined = and_ if isinstance(node, And) else or_
            return joined(*known) if len(known) == len(parts) else None
        case Not(denied):
            part = of_facts(denied)
            return None if part is None else not_(part)
        case Sovereignty(sign, value):
            compared: ColumnElement[bool] = COMPARED[sign](col(PlaceRow.sovereignty), millionths(value))
            return compared
        case After(_, day):
            return col(PlaceRow.day) >= day
        case Before(_, day):
            return col(PlaceRow.day) < day
        case Is(Facet.LANGUAGE, value):
            return col(PlaceRow.language) == value
        case Is(Facet.COUNTRY, value):
            return col(PlaceRow.country) == value
        case _:
            return None


def _gathered(nodes: Sequence[Node], join: type[And] | type[Or]) -> list[ColumnElement[bool]]:
    """Conditions of the nodes, those on texts as one: one question to the index in place of many."""
    texts = [node for node in nodes if earlier.fts5(node) is not None]
    others = [of_node(node) for node in nodes if earlier.fts5(node) is None]
    if len(texts) > 1:
        return [of_node(join(tuple(texts))), *others]
    return [*map(of_node, texts), *others]


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
    """The items of the story that has or had this id, or that the item is in."""
    any_item = aliased(ItemRow)
    of_item = select(col(any_item.story)).where(col(any_item.item_id) == named)
    names = or_(col(StoryAliasRow.alias) == named, col(StoryAliasRow.alias).in_(of_item))
    root = select(col(StoryAliasRow.story)).where(names)
    is_root = or_(col(StoryAliasRow.story) == named, col(StoryAliasRow.story).in_(of_item))
    other_names = select(col(StoryAliasRow.alias)).where(or_(is_root, col(StoryAliasRow.story).in_(root)))
    story = col(ItemRow.story)
    return or_(story == named, story.in_(of_item), story.in_(root), story.in_(other_names))


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


def in_index(node: Node, *, sqlite: bool) -> ColumnElement[bool]:
    """The entries of the index that an indexed node finds."""
    if sqlite:
        return FTS5.c.item_words.op("MATCH")(literal(engine.fts5(node)))
    return vectors(node)


def _found(node: Node) -> ColumnElement[bool]:
    """Entries of old count, too, while there are any."""
    sqlite = select(col(PlaceRow.item)).join_from(FTS5, PlaceRow, col(PlaceRow.place) == FTS5.c.rowid)
    of_old = select(_OLD_FTS5.c.rowid).where(_OLD_FTS5.c.item_search.op("MATCH")(literal(earlier.fts5(node))))
    postgresql = select(col(PlaceRow.item)).join_from(VECTORS, PlaceRow, col(PlaceRow.place) == VECTORS.c.place)
    old_vectors = select(_OLD_VECTORS.c.item).where(earlier.vectors(node))
    return _Found(
        col(ItemRow.id).in_(sqlite.where(in_index(node, sqlite=True)).union_all(of_old)),
        col(ItemRow.id).in_(postgresql.where(in_index(node, sqlite=False)).union_all(old_vectors)),
    )
