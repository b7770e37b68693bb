"""Reading the archive: pages of what a query finds, one item, one story, counts.

Lists are newest first by `sort_at` (published, else first seen), then by arrival; a cursor names the place of the
last item shown, so that pages stay put while new items arrive. A malformed query raises QueryError.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func, literal, not_, select, tuple_
from sqlmodel import Session, col

from shared.archive import cursor, places_found
from shared.archive.collapse import one_per_story
from shared.archive.cursor import Place
from shared.archive.found import FoundItem, Page, Revision, Sighting
from shared.archive.holdings import current_verdict
from shared.archive.listed import Found, at_places, found_item, listed, with_numbers
from shared.archive.places import slot
from shared.archive.places_found import COUNT_CAP, Order, Wanted
from shared.archive.renewal import is_through
from shared.archive.rows import number
from shared.archive.spikes import spikes_of
from shared.archive.stories import ROOT, families, story_ids
from shared.archive.tables import ItemRow, ItemThemeRow, PlaceRow, RevisionRow, SightingRow, StoryAliasRow
from shared.identity import canonical_url, item_id_for_url
from shared.query.plan import plan
from shared.query.spelling import Respelt, respelt
from shared.query.sql import condition, since_day
from shared.query.syntax import Query, parse
from shared.query.tree import Text, any_of
from shared.store import Store
from shared.store.types import UtcDateTime

PAGE: Final = 100  # items that `every` reads at a time
FILLED: Final = 4  # times that a collapsed page goes on for others: most is filled by the first

_PLACE: Final = tuple_(col(ItemRow.sort_at), col(ItemRow.id))


def search(
    session: Session,
    query_text: str = "",
    *,
    limit: int | None = None,
    after: str | None = None,
    order: Order = "newest",
    collapse: bool = False,
) -> Page:
    """The first `limit` items that the query finds (None: all; `every` does that in little memory) after a cursor.

    An empty query finds everything. With `collapse` the page says which of its stories stand before the cursor,
    and goes on, a little, for others in the place of those that tell a story again.
    Raises QueryError for a malformed query and BadInput for a foreign cursor.
    """
    query = parse(query_text)
    page = _first(session, query, limit, after, order, collapse=collapse)
    for _ in range(FILLED if collapse and limit is not None else 0):
        missing = (limit or 0) - sum(1 for _ in one_per_story(page.items, page.told))
        if missing <= 0 or page.next is None:
            break
        further = _first(session, query, missing, page.next, order, collapse=True)
        others = (item for item in further.items if item.story not in further.told)
        page = replace(page, items=(*page.items, *others), next=further.next)
    return page


def _first(
    session: Session, query: Query, limit: int | None, after: str | None, order: Order, *, collapse: bool
) -> Page:
    behind = cursor.decode(after) if after else None
    found, number = _found(session, query, behind, None if limit is None else limit + 1, order)
    shown = found[:limit]
    more = len(found) > len(shown) and shown
    next_ = cursor.encode(Place(shown[-1].sort_at, shown[-1].id)) if more else None
    items = tuple(map(found_item, shown))
    told = _told(session, query, behind, order, items) if collapse and behind else frozenset[str]()
    return Page(items, next_, number, told)


def mates(session: Session, items: Sequence[FoundItem], *those: ColumnElement[bool]) -> Mapping[int, str]:
    """`items.id` -> story, of all that tell what one of these items tells, as far as the conditions hold."""
    roots = {item.story for item in items}
    names = roots | families(session, roots).keys()
    of_stories = select(col(ItemRow.id), ROOT).select_from(ItemRow)
    rooted = of_stories.outerjoin(StoryAliasRow, col(StoryAliasRow.alias) == col(ItemRow.story))
    return dict(session.execute(rooted.where(col(ItemRow.story).in_(names), *those)).all())


def every(store: Store, query_text: str = "", *, limit: int | None = None) -> Iterator[FoundItem]:
    """Everything that the query finds, newest first, at most `limit`; read page by page, a session for each."""
    behind, left, query = None, limit, parse(query_text)
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        with store.reading() as session:
            found = _next(session, query, behind, size)
            items = tuple(map(found_item, found))
        yield from items
        if len(found) < size:
            return
        behind = Place(found[-1].sort_at, found[-1].id)
        left = None if left is None else left - size


def count(session: Session, query_text: str = "") -> int:
    """How many items the query finds; `COUNT_CAP` + 1 stands for all numbers above the cap."""
    query = parse(query_text)
    return places_found.count(session, plan(query)) if is_through(session) else _count(session, condition(query))


def found_where(session: Session, wanted: ColumnElement[bool], limit: int) -> tuple[FoundItem, ...]:
    """The newest items of a condition on `items`."""
    return tuple(map(found_item, _page(session, wanted, None, limit, "newest")))


def found_items(session: Session, ids: Sequence[str]) -> tuple[FoundItem, ...]:
    """These items, in this order, without those that are gone."""
    found = {item.item_id: item for item in found_where(session, col(ItemRow.item_id).in_(ids), len(ids))}
    return tuple(found[id_] for id_ in ids if id_ in found)


def found_ids(session: Session, numbers: Sequence[int]) -> tuple[FoundItem, ...]:
    """The items with these `items.id`, in this order."""
    return tuple(map(found_item, with_numbers(session, numbers)))


def number_where(session: Session, wanted: ColumnElement[bool]) -> int:
    """How many items a condition on `items` finds; capped as `count` is."""
    return _count(session, wanted)


def matching(query_text: str) -> ColumnElement[bool]:
    """The query as a condition on `items`. Raises QueryError."""
    return condition(parse(query_text))


def otherwise(session: Session, query_text: str) -> Respelt | None:
    """For who found nothing: the query in a spelling that finds something. Raises QueryError."""

    def known(texts: Sequence[Text]) -> list[Text]:
        if not finds(session, Query(any_of(list(texts)))):  # mostly none is there, and one question tells
            return []
        return [each for each in texts if finds(session, Query(each))]

    other = respelt(parse(query_text), known)
    return other if other and finds(session, parse(other.query)) else None


def finds(session: Session, query: Query) -> bool:
    """Whether the query finds anything."""
    if is_through(session):
        return places_found.finds(session, plan(query))
    return session.execute(select(col(ItemRow.id)).where(condition(query)).limit(1)).first() is not None


def item(session: Session, item_id: str) -> FoundItem | None:
    """One item with its text, reasons, revisions and sightings; None when the archive does not have it."""
    row = session.execute(select(ItemRow).where(col(ItemRow.item_id) == item_id)).scalar_one_or_none()
    if row is None:
        return None
    (found,) = found_ids(session, [number(row)])
    verdict = current_verdict(session, row)
    return replace(
        found,
        text=row.text,
        text_from=row.text_from,
        text_missing=row.text_missing,
        reasons=verdict.reasons,
        announced=verdict.announced,
        spikes=tuple(spike for _, spike in spikes_of(session, [item_id])),
        revisions=_revisions(session, row),
        sightings=_sightings(session, row),
    )


def find(session: Session, named: str) -> FoundItem | None:
    """The item of this id, or at this address."""
    if "://" not in named:
        return item(session, named)
    canonical = canonical_url(named)
    at_address = select(col(ItemRow.item_id)).where(col(ItemRow.url) == canonical).limit(1)
    item_id = session.execute(at_address).scalar_one_or_none()  # an item may be named by its guid all the same
    return item(session, item_id or item_id_for_url(canonical))


def story(session: Session, story_id: str) -> tuple[FoundItem, ...]:
    """The items of the story that has or had this id, in order of arrival; empty when there is none."""
    members = listed().where(col(ItemRow.story).in_(story_ids(session, story_id))).order_by(col(ItemRow.id))
    return tuple(map(found_item, session.execute(members).all()))


def counts_by_theme(session: Session, query_text: str = "") -> Mapping[str, int]:
    """Theme id -> items that the query finds, for themes that have any, most first."""
    number = func.count()
    counted = select(col(ItemThemeRow.theme), number).join(ItemRow, col(ItemRow.id) == col(ItemThemeRow.item))
    wanted = counted.where(matching(query_text)).group_by(col(ItemThemeRow.theme))
    return dict(session.execute(wanted.order_by(number.desc(), col(ItemThemeRow.theme))).all())


def counts_by_source(session: Session) -> Mapping[str, int]:
    """Source id -> items that were seen there."""
    counted = select(col(SightingRow.source), func.count()).group_by(col(SightingRow.source))
    return dict(session.execute(counted).all())


def counts_by_day(session: Session, *, since: date, until: date, query_text: str = "") -> Mapping[date, int]:
    """Day -> items that the query finds and that count for it; every day from `since` to `until`, zeros too."""
    day = col(ItemRow.day)
    within = (since_day(since), not_(since_day(until + timedelta(days=1))), matching(query_text))
    found = dict(session.execute(select(day, func.count()).where(*within).group_by(day)).all())
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return {each: found.get(each, 0) for each in days}


def _told(
    session: Session, query: Query, behind: Place, order: Order, items: Sequence[FoundItem]
) -> frozenset[str]:
    """The stories of these items that the query finds at the cursor or before it. Mostly there are none."""
    newest = order == "newest"
    if is_through(session):
        at, last = place_of(session, behind), col(PlaceRow.place)
        before = exists().where(col(PlaceRow.item) == col(ItemRow.id), last >= at if newest else last <= at)
        earlier = mates(session, items, before)
    else:
        place = tuple_(literal(behind.sort_at, UtcDateTime), literal(behind.id))
        earlier = mates(session, items, place <= _PLACE if newest else place >= _PLACE)
    if not earlier:
        return frozenset()
    found = select(col(ItemRow.id)).where(col(ItemRow.id).in_(earlier), condition(query))
    return frozenset(earlier[item] for item in session.execute(found).scalars())


def _found(
    session: Session, query: Query, behind: Place | None, limit: int | None, order: Order
) -> tuple[Sequence[Found], int]:
    """A page and the count of all. Before every item has its place, items are put in order one by one."""
    if not is_through(session):
        wanted = condition(query)
        return _page(session, wanted, behind, limit, order), _count(session, wanted)
    after = place_of(session, behind) if behind else None
    places, number = places_found.find(session, plan(query), Wanted(order, after, limit))
    return at_places(session, places), number


def _next(session: Session, query: Query, behind: Place | None, limit: int) -> Sequence[Found]:
    """A page alone, the newest first."""
    if not is_through(session):
        return _page(session, condition(query), behind, limit, "newest")
    after = place_of(session, behind) if behind else None
    return at_places(session, places_found.places(session, plan(query), Wanted("newest", after, limit)))


def place_of(session: Session, behind: Place) -> int:
    """The place that the cursor names; the item may have been taken out meanwhile."""
    wanted = select(col(PlaceRow.place)).where(col(PlaceRow.item) == behind.id)
    place: int | None = session.execute(wanted).scalar_one_or_none()
    return slot(behind.sort_at) if place is None else place


def _page(
    session: Session, wanted: ColumnElement[bool], after: Place | None, limit: int | None, order: Order
) -> Sequence[Found]:
    chosen = select(col(ItemRow.id)).where(wanted)
    if after is not None:
        place = tuple_(literal(after.sort_at, UtcDateTime), literal(after.id))
        chosen = chosen.where(place > _PLACE if order == "newest" else place < _PLACE)
    both = (col(ItemRow.sort_at), col(ItemRow.id))
    by_time = [each.desc() if order == "newest" else each.asc() for each in both]
    # ids first: what is sorted and thrown away are two numbers, not whole rows
    ids = chosen.order_by(*by_time).limit(limit).subquery()
    return session.execute(listed().join(ids, ids.c.id == col(ItemRow.id)).order_by(*by_time)).all()


def _count(session: Session, wanted: ColumnElement[bool]) -> int:
    capped = select(col(ItemRow.id)).where(wanted).limit(COUNT_CAP + 1).subquery()
    number: int = session.execute(select(func.count()).select_from(capped)).scalar_one()
    return number


def _sightings(session: Session, row: ItemRow) -> tuple[Sighting, ...]:
    """Where the item was seen, the owner of the content first."""
    seen = session.execute(select(SightingRow).where(col(SightingRow.item_id) == row.item_id)).scalars().all()
    ordered = sorted(seen, key=lambda one: (one.source != row.source, one.first_at, one.source))
    return tuple(Sighting(one.source, one.url, one.first_at) for one in ordered)


def _revisions(session: Session, row: ItemRow) -> tuple[Revision, ...]:
    earlier = select(RevisionRow).where(col(RevisionRow.item_id) == row.item_id)
    ordered = session.execute(earlier.order_by(col(RevisionRow.revision))).scalars()
    current = Revision(row.revision, row.title, row.fetched_at, row.revised_at)
    return (*(Revision(r.revision, r.title, r.fetched_at, r.seen_at) for r in ordered), current)
