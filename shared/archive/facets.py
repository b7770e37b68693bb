"""What a query finds, counted: by theme, source, country and more, and over time.

Of everything, and of one field, tallies say it, however many there are (`shared.archive.tallies`). Of what else
is asked, hits are gone through: for facets the newest `COUNT_CAP` at most, and who counts so says so. An item with
two themes counts for both, one seen at two sources for both of these.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
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
from shared.archive.places_found import COUNT_CAP, Wanted
from shared.archive.renewal import is_through
from shared.archive.search import matching
from shared.archive.tables import ItemOrganisationRow, ItemRow, ItemThemeRow, PlaceRow, SightingRow
from shared.archive.tallied import is_counted
from shared.archive.tallies import ALL, BANDS, day_of_span
from shared.archive.tallies_asked import Asked, asked, days, parts
from shared.archive.tallies_found import Told, daily, monthly
from shared.archive.theme_bits import BITS
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


_SINGLE: Final = frozenset({By.COUNTRY, By.LANGUAGE, By.BAND, By.MONTH})  # an item has one of, in its row


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts over time. `starts` are the first days of the buckets, one after the other, empty ones too.

    `counts` has a number for each bucket: under "" of all items, under the others of those with the value.
    """

    starts: tuple[date, ...]
    counts: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Facets:
    """By what -> value -> items, the most frequent values first; no value without items.

    By those in `of_newest` only the newest hits were counted, so many as were asked `among`.
    """

    counts: Mapping[By, Mapping[str, int]]
    of_newest: frozenset[By] = frozenset()


def facets(
    session: Session, query_text: str = "", by: Collection[By] = tuple(By), *, among: int = COUNT_CAP
) -> Facets:
    """What the query finds, counted by each of these. Raises QueryError."""
    query = parse(query_text)
    told = asked(query) if by and is_counted(session) else None
    known = [what for what in by if told and told.are_told(_field(what))]
    found: dict[By, Counter[str]] = {what: Counter() for what in by}
    if told and known:
        whole = parts(told)
        for what in known:
            for one in monthly(session, told, _field(what), whole.first, whole.last):
                found[what][_value(one, what)] += one.items
        for since, until in whole.rest:
            _go_through(session, found, known, _hits(session, query_text, since, until))
    others = [what for what in by if what not in known]
    hits, are_all = _newest(session, query_text, among) if others else (None, True)
    if hits is not None:
        with places_found.by_places(session, plan(query)):
            _go_through(session, found, others, hits)
    counts = {what: dict(sorted(some.items(), key=lambda one: (-one[1], one[0]))) for what, some in found.items()}
    return Facets(counts, frozenset(() if are_all else others))


def _newest(session: Session, query_text: str, among: int) -> tuple[CTE, bool]:
    """The newest hits, and whether there are no others."""
    if not is_through(session):
        return _hits(session, query_text), True
    wanted = plan(parse(query_text))
    if wanted.index is not None and session.get_bind().dialect.name != "sqlite":
        # read once: to put the newest in order it must find all of them, each time
        found = places_found.places(session, wanted, Wanted(limit=among + 1))
        return _facts().where(_is_any_of(found[:among])).cte("hits"), len(found) <= among
    beyond = places_found.at(session, wanted, among)
    return _hits(session, query_text, begin=None if beyond is None else beyond + 1), beyond is None


def _is_any_of(places: Sequence[int]) -> ColumnElement[bool]:
    from sqlalchemy.dialects import postgresql  # two megabytes, for who uses it

    given = literal(list(places), postgresql.ARRAY(BigInteger))
    return col(PlaceRow.place) == func.any(given)


def _go_through(session: Session, found: Mapping[By, Counter[str]], by: Sequence[By], hits: CTE) -> None:
    if session.get_bind().dialect.name != "sqlite":
        _go_through_once(session, found, by, hits)
        return
    single = [what for what in by if what in _SINGLE]
    values = [_values(what, hits)[0] for what in single]
    if single:
        together = select(*values, func.count()).select_from(hits).group_by(*values)
        for *several, count in session.execute(together):
            for what, value in zip(single, several, strict=True):
                found[what][value] += count
    for what in by:
        if what not in _SINGLE:
            rows = _by_theme(session, hits) if what is By.THEME else session.execute(_counted(what, hits))
            for value, count in rows:
                found[what][value] += count
        found[what].pop("", None)


def _go_through_once(session: Session, found: Mapping[By, Counter[str]], by: Sequence[By], hits: CTE) -> None:
    """In one statement but for themes: thousands of places are sent to PostgreSQL and looked up in each."""
    others = [what for what in by if what is not By.THEME]
    counted = [_counted(what, hits, literal(at).label("what")) for at, what in enumerate(others)]
    if counted:
        for value, count, at in session.execute(union_all(*counted)):
            found[others[at]][value] += count
    if By.THEME in by:
        for theme, count in _by_theme(session, hits):
            found[By.THEME][theme] += count
        found[By.THEME].pop("", None)


def _by_theme(session: Session, hits: CTE, *also: Any) -> Iterator[tuple[Any, ...]]:
    """Rows of theme, count, and the day if `also`; and of all, under no theme."""
    each = [func.count().filter(hits.c.themes.bitwise_and(bit) != 0) for bit in BITS.values()]
    counted = select(func.count(), func.count(hits.c.themes), *each, *also)
    are_all = True
    for count, known, *rest in session.execute(counted.group_by(*also) if also else counted).all():
        when = rest[len(each) :]
        are_all = are_all and known == count
        yield ("", count, *when)
        yield from ((theme, number, *when) for theme, number in zip(BITS, rest, strict=False) if number)
    if not are_all:  # what a program from before wrote is looked up
        unknown = select(hits).where(hits.c.themes.is_(None)).cte("unknown")
        beside = [unknown.c.day] if also else []
        yield from (tuple(row) for row in session.execute(_counted(By.THEME, unknown, *beside)))


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
    starts = _starts(since, until, step)
    place = {start: at for at, start in enumerate(starts)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    counts[""]  # all of them have numbers, though they be zeros
    for value, count, when in _over_time(session, query_text, tuple({None, by}), since, until, step):
        counts[value][place[_start(when, step)]] += count
    return Trend(starts, {value: tuple(some) for value, some in counts.items()})


def _over_time(
    session: Session, query_text: str, by: Collection[By | None], since: date, until: date, step: Step
) -> Iterator[tuple[str, int, date]]:
    """Value, items, a day that they count for or the first of its month; by each of these, None for by nothing."""
    told = asked(parse(query_text)) if is_counted(session) else None
    told = told.within(since, until) if told else None
    known = [what for what in by if told and _are_told(told, what, step)]
    if others := [what for what in by if what not in known]:
        yield from _passed(session, query_text, others, since, until, step)
    for what in known:
        assert told is not None  # it tells them
        yield from _by_tallies(session, told, query_text, what, step)


def _are_told(told: Asked, by: By | None, step: Step) -> bool:
    return told.are_told(_field(by)) if step == "month" else told.are_told_daily(_field(by))


def _by_tallies(
    session: Session, told: Asked, query_text: str, by: By | None, step: Step
) -> Iterator[tuple[str, int, date]]:
    field = _field(by)
    whole = parts(told) if step == "month" else days(told)
    for one in monthly(session, told, field, whole.first, whole.last):
        yield _value(one, by), one.items, day_of_span(one.span)
    for first, last in whole.rest:
        if told.are_told_daily(field):
            for one in daily(session, told, field, first, last):
                yield _value(one, by), one.items, day_of_span(one.span)
        else:
            yield from _passed(session, query_text, [by], first, last, step)


def _passed(
    session: Session, query_text: str, by: Sequence[By | None], since: date, until: date, step: Step
) -> Iterator[tuple[str, int, date]]:
    """The same, by going through all hits, which are found once."""
    hits = _hits(session, query_text, since, until)
    month = step == "month" and By.THEME not in by  # to cut months out takes longer than some more rows
    day = _month(hits) if month else hits.c.day
    with places_found.by_vectors(session, plan(parse(query_text))):
        if By.THEME in by:
            rows = [row for row in _by_theme(session, hits, day) if row[0] or None in by]
        else:
            counted = [_counted(what, hits, day) for what in by]
            rows = [tuple(row) for row in session.execute(union_all(*counted) if len(by) > 1 else counted[0])]
    for value, count, when in rows:
        yield value, count, date.fromisoformat(f"{when}-01") if month else when


def _field(by: By | None) -> str:
    """As tallies call it; months are no field of theirs."""
    return by.value if by and by is not By.MONTH else ALL


def _value(told: Told, by: By | None) -> str:
    if by is not By.MONTH:
        return told.value
    return day_of_span(told.span).isoformat()[: len("2026-03")]


def _hits(
    session: Session,
    query_text: str,
    since: date = date.min,
    until: date = date.max,
    begin: int | None = None,
) -> CTE:
    """Facts of what the query finds between the two days, from a place on.

    No item is read where every one has its place.
    """
    if not is_through(session):
        return _hits_of_old(query_text, since, until)
    chosen = _facts()
    wanted = plan(parse(query_text))
    if wanted.index is not None or wanted.rest is not None:
        every = places_found.every(session, wanted, begin)
        if session.get_bind().dialect.name == "sqlite":  # which asks a list again for each of its values
            there = every.subquery()
            chosen = chosen.join(there, next(iter(there.c)) == col(PlaceRow.place))
        else:
            chosen = chosen.where(col(PlaceRow.place).in_(every))
    elif begin is not None:
        chosen = chosen.where(col(PlaceRow.place) >= begin)
    if (since, until) != (date.min, date.max):
        chosen = chosen.where(*places_found.within(since, until), col(PlaceRow.day).between(since, until))
    return chosen.cte("hits")


def _facts() -> Select[Any]:
    names = ("country", "language", "sovereignty", "day", "themes")
    facts: list[Any] = [col(getattr(PlaceRow, name)).label(name) for name in names]
    return select(col(PlaceRow.item).label("id"), *facts)


def _hits_of_old(query_text: str, since: date, until: date) -> CTE:
    wanted = matching(query_text)
    if (since, until) != (date.min, date.max):
        wanted &= since_day(since) & not_(since_day(until + timedelta(days=1)))
    score = cast(func.round(col(ItemRow.sovereignty) * 1_000_000), Integer).label("sovereignty")
    names = ("country", "language", "day")
    facts: list[Any] = [col(getattr(ItemRow, name)).label(name) for name in names]
    unknown = cast(literal(None), Integer).label("themes")
    return select(col(ItemRow.id).label("id"), score, unknown, *facts).where(wanted).cte("hits")


def _counted(by: By | None, hits: CTE, *also: ColumnElement[Any]) -> Select[Any]:
    """Rows of value, count, `also`."""
    value, rows = _values(by, hits)
    counted = select(value.label("value"), func.count(), *also).select_from(rows)
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
