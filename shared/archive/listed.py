"""What lists show of items, read in one statement: the row, the root of its story, and where it was seen.

The statement is made once: to put one together takes as long as to run it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, bindparam, case, func, select
from sqlmodel import Session, SQLModel

from shared.archive.excerpts import RESERVED, beginning
from shared.archive.found import FoundItem
from shared.archive.tables import ItemRow, PlaceRow, SightingRow, StoryAliasRow
from shared.store.packing import PackedText

AT_ONCE: Final = 1_000  # values of one query
LEAST_READ: Final = 4 * RESERVED  # of a text; packed, as many bytes hold twice the letters that are shown
_SHOWN: Final = (  # the text may be long, and what lies behind it costs as much
    "id sort_at item_id revision source title url published published_on day first_seen language themes scores "
    "sovereignty franco_german organisations summary model source_name authors revised_at"
).split()
_BETWEEN: Final = "\n"  # sources of one item


def _table(row: type[SQLModel]) -> Table:
    return row.metadata.tables[str(row.__tablename__)]


_ITEMS: Final = _table(ItemRow)
_PLACES: Final = _table(PlaceRow)
_SEEN: Final = _table(SightingRow)
_ALIASES: Final = _table(StoryAliasRow)

Found = Any  # a row of the columns of `_SHOWN`; then `opening`, `root` of the story, `seen` sources, and others


def at_places(session: Session, places: Sequence[int]) -> Sequence[Found]:
    """The items at these places, in their order."""
    found: dict[int, Found] = {}
    connection = session.connection()
    for start in range(0, len(places), AT_ONCE):
        rows = connection.execute(_at_places(), {"places": places[start : start + AT_ONCE]}).all()
        found.update((row[-1], row) for row in rows)
    return [found[place] for place in places]


def with_numbers(session: Session, numbers: Sequence[int]) -> Sequence[Found]:
    """The items with these `items.id`, in this order, without those that are gone."""
    found = {row.id: row for row in session.connection().execute(listed().where(_ITEMS.c.id.in_(numbers)))}
    return [found[number] for number in numbers if number in found]


@cache
def listed() -> Select[Any]:
    """All items, to be narrowed by conditions on `items`."""
    seen, aliases = _SEEN.c, _ALIASES.c
    other = (seen.source != _ITEMS.c.source).label("other")  # SQLite orders by what is selected, here
    here = select(seen.source, other).where(seen.item_id == _ITEMS.c.item_id).correlate(_ITEMS)
    ordered = here.order_by(other, seen.first_at, seen.source).subquery()
    sources = select(func.aggregate_strings(ordered.c.source, _BETWEEN)).scalar_subquery()
    root: ColumnElement[str] = func.coalesce(aliases.story, _ITEMS.c.story)
    # an imported item has no summary of its own; the text of others is not read for it
    text = func.substr(_ITEMS.c.text, 1, LEAST_READ, type_=PackedText())
    opening: ColumnElement[str] = case((_ITEMS.c.summary == "", text), else_="")
    columns = (_ITEMS.c[name] for name in _SHOWN)
    every = select(*columns, opening.label("opening"), root.label("root"), sources.label("seen"))
    return every.select_from(_ITEMS.outerjoin(_ALIASES, aliases.alias == _ITEMS.c.story))


@cache
def _at_places() -> Select[Any]:
    place = _PLACES.c.place
    there = listed().add_columns(place).join(_PLACES, _PLACES.c.item == _ITEMS.c.id)
    return there.where(place.in_(bindparam("places", expanding=True)))


def found_item(row: Found) -> FoundItem:
    """As lists show it."""
    (_, sort_at, item_id, revision, source, title, url, published, published_on, day, first_seen, *rest) = row
    (language, themes, scores, sovereignty, franco_german, organisations, summary, model, name, *rest) = rest
    (authors, revised_at, opening, root, seen, *_) = rest
    return FoundItem(
        item_id=item_id,
        revision=revision,
        source=source,
        title=title,
        url=url,
        published=published,
        published_on=published_on,
        day=day or sort_at.date(),
        first_seen=first_seen,
        language=language,
        themes=tuple(themes),
        scores=scores,
        sovereignty=sovereignty,
        franco_german=franco_german,
        organisations=tuple(organisations),
        summary=summary or beginning(opening),
        story=root,
        model=model,
        sources=tuple(seen.split(_BETWEEN)) if seen else (),
        source_name=name,
        authors=tuple(authors),
        revised_at=revised_at,
    )
