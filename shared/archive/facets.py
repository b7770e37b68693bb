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
    extract,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlmodel import Session, col

from shared.archive.search import matching
from shared.archive.tables import ItemOrganisationRow, ItemRow, ItemThemeRow, SightingRow
from shared.query.match import millionths
from shared.query.sql import since_day

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
    hits = _hits(matching(query_text))
    for what, value, count in session.execute(union_all(*(_counted(what, hits) for what in by))):
        found[By(what)].append((_written(By(what), value), count))
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
    within = since_day(since) & not_(since_day(until + timedelta(days=1)))
    hits = _hits(matching(query_text) & within)
    day = _month(hits) if step == "month" else hits.c.day
    starts = _starts(since, until, step)
    place = {start: at for at, start in enumerate(starts)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    for what in dict.fromkeys((None, by)):
        counts[""]  # all of them have numbers, though they be zeros
        for _, value, count, when in session.execute(_counted(what, hits, day)):
            start = _first_of(when) if step == "month" else _start(when, step)
            counts[_written(what, value) if what else ""][place[start]] += count
    return Trend(starts, {value: tuple(some) for value, some in counts.items()})


def _hits(wanted: ColumnElement[bool]) -> CTE:
    names = ("id", "item_id", "country", "language", "sovereignty", "day")
    return select(*(col(getattr(ItemRow, name)).label(name) for name in names)).where(wanted).cte("hits")


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
            return col(SightingRow.source), hits.join(SightingRow, col(SightingRow.item_id) == hits.c.item_id)
        case By.COUNTRY:
            return func.upper(hits.c.country), hits
        case By.LANGUAGE:
            return hits.c.language, hits
        case By.BAND:
            return _band(hits), hits
        case By.MONTH:
            return cast(_month(hits), String), hits
    return literal(""), hits


def _band(hits: CTE) -> ColumnElement[str]:
    score = func.round(hits.c.sovereignty * 1_000_000)
    above = [(score >= millionths(low), literal(str(low))) for low in reversed(BANDS)]
    return case(*above, else_=literal(str(BANDS[0])))


def _month(hits: CTE) -> ColumnElement[int]:
    """Months since the year 0: a number, which both databases group by quickly."""
    return cast(extract("year", hits.c.day) * 12 + extract("month", hits.c.day) - 1, Integer)


def _written(by: By, value: str) -> str:
    return f"{_first_of(int(value)):%Y-%m}" if by is By.MONTH else value


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


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
