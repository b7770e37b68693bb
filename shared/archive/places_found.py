"""Which places of the archive a plan finds, the newest or the oldest first, and how many: no item is read.

On SQLite the index gives places in their order, so that a page ends where it is full and a count at its cap. On
PostgreSQL it gives them in none: the first `COUNT_CAP` and one are collected and put in order; where there are
more, the items are common, and going through the newest finds a page of them at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
)
from sqlmodel import Session, col

from shared.archive.places import SPILL, slot_of, slots
from shared.archive.tables import ItemRow, PlaceRow
from shared.query.engine import fts5
from shared.query.plan import Plan
from shared.query.sql import FTS5, in_index, of_facts, of_node
from shared.query.vectors import VECTORS

COUNT_CAP: Final = 10_000  # a count above it is shown as "10,000+"
NEAR: Final = 5_000  # items that are gone through for a page of something common
_DAY: Final = timedelta(days=1)
_READING_ALL: Final = ("seqscan", "hashjoin", "mergejoin")
_READING_WORDS: Final = ("seqscan", "indexscan")  # ways to go item by item and read the words of each

Order = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """At most `limit` places behind `after`, in this order; none that is older than `since`."""

    order: Order = "newest"
    after: int | None = None
    limit: int | None = None
    since: int | None = None


def find(session: Session, plan: Plan, wanted: Wanted) -> tuple[Sequence[int], int]:
    """Places, and how many the plan finds in all: `COUNT_CAP` + 1 stands for all numbers above the cap."""
    if _in_vectors(session, plan):
        return _find_in_vectors(session, plan, wanted)
    if plan.index is not None and plan.rest is None and wanted.limit is not None and wanted.since is None:
        page = _page_in_index(wanted.order, wanted.after is not None)
        values = {"words": fts5(plan.index), "limit": wanted.limit, "after": wanted.after}
        rows = session.connection().execute(page, values).all()
    else:
        place, query = _asked(session, plan)
        rows = session.connection().execute(_cut(query, place, wanted).add_columns(_number(plan, query))).all()
    if rows:
        return [row[0] for row in rows], rows[0][1]
    return (), 0 if wanted.after is None else count(session, plan)


@cache
def _page_in_index(order: Order, behind: bool) -> Select[Any]:
    """What words find on SQLite; made once: to put it together takes half as long as to run it."""
    words: Any = FTS5.c.item_words.op("MATCH")(bindparam("words", type_=String))
    place, asked = FTS5.c.rowid, select(FTS5.c.rowid).where(words)
    number = select(func.count()).select_from(asked.limit(COUNT_CAP + 1).subquery()).scalar_subquery()
    newest = order == "newest"
    page = asked.add_columns(number).order_by(place.desc() if newest else place.asc())
    if behind:
        after = bindparam("after", type_=BigInteger)
        page = page.where(place < after if newest else place > after)
    return page.limit(bindparam("limit", type_=Integer))


def _number(plan: Plan, query: Select[int]) -> Any:
    """How many there are, up to the cap, as a value of another query."""
    number = select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery()).scalar_subquery()
    if plan.index is not None or plan.rest is not None:
        return number
    beyond = select(literal(COUNT_CAP + 1)).select_from(query.limit(1).offset(COUNT_CAP).subquery())
    return func.coalesce(beyond.scalar_subquery(), number)  # to skip rows costs less than to count them


def places(session: Session, plan: Plan, wanted: Wanted) -> Sequence[int]:
    """The places alone."""
    if _in_vectors(session, plan):
        return _find_in_vectors(session, plan, wanted)[0]
    place, query = _asked(session, plan)
    return session.execute(_cut(query, place, wanted)).scalars().all()


def finds(session: Session, plan: Plan) -> bool:
    """Whether there is any."""
    _, query = _asked(session, plan)
    with _without(session, *(_READING_WORDS if _in_vectors(session, plan) else ())):
        return session.execute(query.limit(1)).first() is not None


def count(session: Session, plan: Plan) -> int:
    """How many the plan finds, up to the cap."""
    _, query = _asked(session, plan)
    capped = query.limit(COUNT_CAP + 1).subquery()
    with _without(session, *(_READING_WORDS if _in_vectors(session, plan) else ())):
        number: int = session.execute(select(func.count()).select_from(capped)).scalar_one()
    return number


def every(session: Session, plan: Plan, begin: int | None = None) -> Select[int]:
    """A query for all places that the plan finds, `begin` and those behind it; in no order."""
    place, query = _asked(session, plan)
    return query if begin is None else query.where(place >= begin)


def of_these(session: Session, plan: Plan, places: Sequence[int]) -> frozenset[int]:
    """Those of these places, a few, that the plan finds."""
    place, query = _asked(session, plan)
    return frozenset(session.execute(query.where(place.in_(places))).scalars()) if places else frozenset()


def at(session: Session, plan: Plan, behind: int) -> int | None:
    """The place that so many newer ones are before, of those that the plan finds."""
    if _in_vectors(session, plan):
        found = places(session, plan, Wanted("newest", None, behind + 1))
        return found[behind] if len(found) > behind else None
    place, query = _asked(session, plan)
    there: int | None = session.execute(_cut(query, place, Wanted(limit=1)).offset(behind)).scalar_one_or_none()
    return there


def within(since: date, until: date) -> list[ColumnElement[bool]]:
    """The stretch of places in which what counts for these days stands, and more besides."""
    place: Any = col(PlaceRow.place)
    return _within(place, Plan(None, None, since, until + _DAY if until < date.max else None))


def _asked(session: Session, plan: Plan) -> tuple[ColumnElement[int], Select[int]]:
    """A query for the places, and what they are called in it."""
    if plan.index is None:
        place: Any = col(PlaceRow.place)
        return place, select(place).where(*_within(place, plan), *_facts(plan), *_rest(place, plan))
    sqlite = session.get_bind().dialect.name == "sqlite"
    place = FTS5.c.rowid if sqlite else VECTORS.c.place
    found = in_index(plan.index, sqlite=sqlite)
    return place, select(place).where(found, *_within(place, plan), *_rest(place, plan))


def _within(place: ColumnElement[int], plan: Plan) -> list[ColumnElement[bool]]:
    """A day begins at most fourteen hours before it does in UTC, and ends as late after it."""
    since = [place >= slot_of(plan.since) - slots(_DAY)] if plan.since else []
    return [*since, *([place < slot_of(plan.until) + slots(_DAY + SPILL)] if plan.until else [])]


def _facts(plan: Plan) -> list[ColumnElement[bool]]:
    facts = of_facts(plan.rest) if plan.rest is not None else None
    return [] if facts is None else [facts]


def _rest(place: ColumnElement[int], plan: Plan) -> list[ColumnElement[bool]]:
    """What the index does not tell, asked of the small rows where these know it."""
    if plan.rest is None:
        return []
    facts = of_facts(plan.rest)
    if plan.index is None:
        of_item = exists().where(col(ItemRow.id) == col(PlaceRow.item), of_node(plan.rest))
        return [] if facts is not None else [of_item]
    if facts is not None:
        return [exists().where(col(PlaceRow.place) == place, facts)]
    here = and_(col(PlaceRow.place) == place, col(PlaceRow.item) == col(ItemRow.id))
    return [exists().where(here, of_node(plan.rest))]


def _cut(query: Select[int], place: ColumnElement[int], wanted: Wanted) -> Select[int]:
    newest = wanted.order == "newest"
    ordered = query.order_by(place.desc() if newest else place.asc()).limit(wanted.limit)
    ordered = ordered if wanted.since is None else ordered.where(place >= wanted.since)
    if wanted.after is None:
        return ordered
    return ordered.where(place < wanted.after if newest else place > wanted.after)


def _find_in_vectors(session: Session, plan: Plan, wanted: Wanted) -> tuple[Sequence[int], int]:
    place, query = _asked(session, plan)
    query = query if wanted.since is None else query.where(place >= wanted.since)
    hits = query.limit(COUNT_CAP + 1).cte("hits")
    page = _cut(select(hits.c.place), hits.c.place, wanted).subquery()
    number = select(func.count()).select_from(hits).scalar_subquery()
    together = select(number, select(func.array_agg(page.c.place)).scalar_subquery())
    with _without(session, *_READING_WORDS):
        counted, found = session.execute(together).one()
    return (found or () if counted <= COUNT_CAP else _common(session, query, place, wanted)), counted


def _common(session: Session, query: Select[int], place: ColumnElement[int], wanted: Wanted) -> Sequence[int]:
    """A page of what is frequent: looked for among the nearest items first."""
    page, limit = _cut(query, place, wanted), wanted.limit
    # few are found at once by going item by item, many by the index of words alone
    few = limit is not None and limit < NEAR
    ways = ("seqscan", "bitmapscan") if few else _READING_WORDS
    for stretch in () if limit is None else (NEAR,) if few else (4 * limit, 16 * limit):
        end = _end(session, wanted, stretch)
        if end is None:
            break
        with _without(session, *ways):
            near = page.where(place >= end if wanted.order == "newest" else place <= end)
            found = session.execute(near).scalars().all()
        if len(found) == limit:
            return found
    with _without(session, *_READING_WORDS):
        return session.execute(page).scalars().all()


def _end(session: Session, wanted: Wanted, stretch: int) -> int | None:
    """The place of the last of so many items in order; None where there are not as many."""
    any_: Any = col(PlaceRow.place)
    there = _cut(select(any_), any_, replace(wanted, limit=1)).offset(stretch - 1)
    end: int | None = session.execute(there).scalar_one_or_none()
    return end


@contextmanager
def by_vectors(session: Session, plan: Plan) -> Iterator[None]:
    """Inside, what is joined with `every` place of a plan has them from the index of words.

    PostgreSQL would rather go by places, and read the words of every item of a stretch.
    """
    with _without(session, *(("indexscan",) if _in_vectors(session, plan) else ()), alone=False):
        yield


@contextmanager
def by_places(session: Session, plan: Plan) -> Iterator[None]:
    """Inside, what hangs on some thousand places that an index of words gave is read by these.

    PostgreSQL would rather read everything. Where no words are asked for it is left to choose: a wrong guess, with
    only the slowest way to join left, can take minutes.
    """
    with _without(session, *(_READING_ALL if _in_vectors(session, plan) else ())):
        yield


def _in_vectors(session: Session, plan: Plan) -> bool:
    return plan.index is not None and session.get_bind().dialect.name != "sqlite"


@contextmanager
def _without(session: Session, *ways: str, alone: bool = True) -> Iterator[None]:
    """Inside, PostgreSQL does not take these ways: it knows too little of how often words occur.

    `alone` it does so without helpers, from here to the transaction's end: what takes less than a second waits
    longer for them than they save.
    """
    switched = {f"enable_{way}": "off" for way in ways}
    _set(session, switched | ({"max_parallel_workers_per_gather": "0"} if ways and alone else {}))
    yield
    _set(session, dict.fromkeys(switched, "on"))


def _set(session: Session, settings: Mapping[str, str]) -> None:
    """Until the transaction ends."""
    if settings:
        session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
