"""Near misses: items that lack one condition of a query, or a theme by little.

What an item lacks tells whether a query that found nothing was too narrow, or there was nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, not_, select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow
from shared.query.sql import condition
from shared.query.syntax import Query
from shared.query.tree import (
    And,
    Everything,
    Facet,
    FrancoGerman,
    Is,
    Node,
    Phrase,
    Prefix,
    Sovereignty,
    Word,
    all_of,
)

MOST: Final = 20
CONDITIONS: Final = 8  # of a query, each of which is left out once
LOOKED_AT: Final = 500  # newest items that are looked at for a theme's score
CLOSE: Final = 0.7  # of the lowest score that gave somebody the theme
BY_LITTLE: Final = 0.15  # that a sovereignty score may differ


@dataclass(frozen=True, slots=True)
class Near:
    """An item that the query nearly finds. `lacks` is the condition as echoed, `score` what it has."""

    item_id: str
    source: str
    title: str
    url: str | None
    day: date
    lacks: str
    score: float | None = None


def near_misses(session: Session, query: Query, within: ColumnElement[bool]) -> tuple[Near, ...]:
    """Items `within` that the query does not find for one reason, the newest first."""
    parts = query.node.nodes if isinstance(query.node, And) else (query.node,)
    found: dict[str, Near] = {}
    for at, part in enumerate(parts[:CONDITIONS]):
        rest = all_of([*parts[:at], *parts[at + 1 :]])
        for near in _lacking(session, part, rest, within):
            found.setdefault(near.item_id, near)
    return tuple(sorted(found.values(), key=lambda near: near.day, reverse=True)[:MOST])


def _lacking(session: Session, part: Node, rest: Node, within: ColumnElement[bool]) -> Iterator[Near]:
    alone = isinstance(rest, Everything)
    match part:
        case Is(Facet.THEME, theme):
            yield from _by_theme(session, part, theme, rest, within, alone=alone)
        case Sovereignty(_, value):
            close = and_(
                col(ItemRow.sovereignty) >= value - BY_LITTLE, col(ItemRow.sovereignty) <= value + BY_LITTLE
            )
            for row in _rows(session, part, rest, and_(within, close), MOST):
                yield _near(row, part, round(row.sovereignty, 3))
        case Word() | Phrase() | Prefix() | FrancoGerman() | Is(Facet.LANGUAGE) | Is(Facet.ORGANISATION):
            if not alone:
                yield from (_near(row, part) for row in _rows(session, part, rest, within, MOST))


def _by_theme(
    session: Session, part: Is, theme: str, rest: Node, within: ColumnElement[bool], *, alone: bool
) -> Iterator[Near]:
    rows = list(_rows(session, part, rest, within, LOOKED_AT))
    given = [
        row.scores.get(theme, 1.0)
        for row in session.execute(select(ItemRow).where(_holds(part)).order_by(col(ItemRow.id).desc()).limit(50))
        .scalars()
        .all()
    ]
    least = CLOSE * (min(given) if given else 0.5)
    for row in rows:
        score = row.scores.get(theme, 0.0)
        if score >= least or not alone:
            yield _near(row, part, round(score, 3))


def _rows(session: Session, part: Node, rest: Node, within: ColumnElement[bool], most: int) -> Iterator[ItemRow]:
    lacking = select(ItemRow).where(within, _holds(rest), not_(_holds(part)))
    newest = lacking.order_by(col(ItemRow.sort_at).desc(), col(ItemRow.id).desc()).limit(most)
    yield from session.execute(newest).scalars()


def _holds(node: Node) -> ColumnElement[bool]:
    return condition(Query(node))


def _near(row: ItemRow, part: Node, score: float | None = None) -> Near:
    day = row.day or row.sort_at.date()
    return Near(row.item_id, row.source, row.title, row.url, day, part.echo(), score)
