"""What a query finds, counted: by theme, source, country and more, and over time.

Counts are exact, of every item that the query finds. An item with two themes counts for both, one seen at two
sources for both of these.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlmodel import Session, col

from shared.archive import places_found
from shared.archive.renewal import is_through
from shared.archive.search import matching
from shared.archive.tables import ItemOrganisationRow, ItemRow, ItemThemeRow, PlaceRow, SightingRow
from shared.query.match import millionths
from shared.query.plan import plan
from shared.query.sql import since_day
from shared.query.syntax import parse

Step = Literal["day", "week", "month"]


class By(StrEnum):
    """What items are counted by. The values are those that a query's field takes, but for bands and months."""

    THEME = "theme"
    SOURCE = "source"
    ORGANISATION = "org"
    COUNTRY = "country"
    LANGUAGE = "lang"
    BAND = "band"  # of the sovereignty score: its lower bound, one of BANDS
    MONTH = "month"  # of the day that the item counts for: 2026-03


BANDS: Final = (0.0, 0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts over time. `starts` are the first days of the buckets, one after the other, empty ones too.

    `counts` has a number for each bucket: under "" of all items, under the others of those with the value.
    """

    starts: tuple[date, ...]
    counts: Mapping[str, tuple[int, ...]]


def facets(
    session: Session, query_text: str = "", by: Collection[By] = tuple(By)
) -> Mapping[By, Mapping[str, int]]:
    """By what -> value -> items, the most frequent values first; no value without items. Raises QueryError."""
    found: dict[By, list[tuple[str, int]]] = {what: [] for what in by}
    if not by:
        return {}
    hits = _hits(session, query_text)
    for what, value, count in session.execute(union_all(*(_counted(what, hits) for what in by))):
        found[By(what)].append((value, count))
    return {what: dict(sorted(some, key=lambda one: (-one[1], one[0]))) for what, some in found.items()}


def trend(
    session: Session,
    query_text: str = "",
    by: By | None = None,
    *,
    since: date,
    until: date,
    step: Step = "month",
) -> Trend:
    """The items that the query finds and that count for a day from `since` to `until`, over time.

    Buckets are days, weeks from Monday, or months: the first holds `since`, the last `until`. Raises QueryError.
    """
    hits = _hits(session, query_text, since, until)
    day = _month(hits) if step == "month" else hits.c.day
    starts = _starts(since, until, step)
    place = {start: at for at, start in enumerate(starts)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    for what in dict.fromkeys((None, by)):
        counts[""]  # all of them have numbers, though they be zeros
        for _, value, count, when in session.execute(_counted(what, hits, day)):
            start = date.fromisoformat(f"{when}-01") if step == "month" else _start(when, step)
            counts[value][place[start]] += count
    return Trend(starts, {value: tuple(some) for value, some in counts.items()})


def _hits(session: Session, query_text: str, since: date = date.min, until: date = date.max) -> CTE:
    """Facts of what the query finds between the two days; no item is read where every one has its place."""
    if not is_through(session):
        return _hits_of_old(query_text, since, until)
    names = ("country", "language", "sovereignty", "day")
    facts: list[Any] = [col(getattr(PlaceRow, name)).label(name) for name in names]
    chosen: Select[Any] = select(col(PlaceRow.item).label("id"), *facts)
    wanted = plan(parse(query_text))
    if wanted.index is not None or wanted.rest is not None:
        chosen = chosen.where(col(PlaceRow.place).in_(places_found.every(session, wanted)))
    if (since, until) != (date.min, date.max):
        chosen = chosen.where(*places_found.within(since, until), col(PlaceRow.day).between(since, until))
    return chosen.cte("hits")


def _hits_of_old(query_text: str, since: date, until: date) -> CTE:
    wanted = matching(query_text)
    if (since, until) != (date.min, date.max):
        wanted &= since_day(since) & not_(since_day(until + timedelta(days=1)))
    score = cast(func.round(col(ItemRow.sovereignty) * 1_000_000), Integer).label("sovereignty")
    names = ("country", "language", "day")
    facts: list[Any] = [col(getattr(ItemRow, name)).label(name) for name in names]
    return select(col(ItemRow.id).label("id"), score, *facts).where(wanted).cte("hits")


def _counted(by: By | None, hits: CTE, *also: ColumnElement[Any]) -> Select[Any]:
    """Rows of by what, value, count, `also`."""
    value, rows = _values(by, hits)
    counted = select(literal(by or "").label("by"), value.label("value"), func.count(), *also).select_from(rows)
    return counted.where(value != "").group_by(value, *also) if by else counted.group_by(*also)


def _values(by: By | None, hits: CTE) -> tuple[Any, Any]:
    """An expression, and what it is selected from."""
    match by:
        case By.THEME:
            return col(ItemThemeRow.theme), hits.join(ItemThemeRow, col(ItemThemeRow.item) == hits.c.id)
        case By.ORGANISATION:
            named = col(ItemOrganisationRow.organisation)
            return named, hits.join(ItemOrganisationRow, col(ItemOrganisationRow.item) == hits.c.id)
        case By.SOURCE:
            seen = hits.join(ItemRow, col(ItemRow.id) == hits.c.id)
            return col(SightingRow.source), seen.join(
                SightingRow, col(SightingRow.item_id) == col(ItemRow.item_id)
            )
        case By.COUNTRY:
            return func.upper(hits.c.country), hits
        case By.LANGUAGE:
            return hits.c.language, hits
        case By.BAND:
            return _band(hits), hits
        case By.MONTH:
            return _month(hits), hits
    return literal(""), hits


def _band(hits: CTE) -> ColumnElement[str]:
    above = [(hits.c.sovereignty >= millionths(low), literal(str(low))) for low in reversed(BANDS)]
    return case(*above, else_=literal(str(BANDS[0])))


def _month(hits: CTE) -> ColumnElement[str]:
    """As a value of `By.MONTH`: the beginning of a day as both databases write it."""
    return func.substr(cast(hits.c.day, String), 1, len("2026-03"))


def _start(day: date, step: Step) -> date:
    """The first day of the bucket that holds this one."""
    match step:
        case "month":
            return day.replace(day=1)
        case "week":
            return day - timedelta(days=day.weekday())
        case _:
            return day


def _starts(since: date, until: date, step: Step) -> tuple[date, ...]:
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return tuple(dict.fromkeys(_start(day, step) for day in days))
