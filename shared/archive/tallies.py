"""Pure. What is counted as items are written, so that nobody need go through all of them to know how many.

A tally says how many items have a value, or two, in a day, a month or at all. One value, or none, is counted by
day and by month; two by month; an organisation beside another value at all. An item counts under each of its
values.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from shared.archive.tables import ItemRow
from shared.query.match import millionths
from shared.text.fold import name_key

BANDS: Final = (0.0, 0.2, 0.5, 0.8)  # lower bounds of the sovereignty score
ALL: Final = ""  # every item, whatever its values
SOURCE: Final = "source"
THEME: Final = "theme"
COUNTRY: Final = "country"
LANGUAGE: Final = "lang"
BAND: Final = "band"
ORGANISATION: Final = "org"
MODEL: Final = "model"
PAIRED: Final = (SOURCE, THEME, COUNTRY, LANGUAGE, BAND)  # with one another, in this order
BESIDE_NAMES: Final = PAIRED[1:]  # with organisations
EVER: Final = 0  # as a span
DAYS: Final = 100_000_000  # from here on spans are days, below months


class Key(NamedTuple):
    """`span` is a day (DAYS + 20260305), a month (202603) or EVER; of two fields the first of PAIRED leads."""

    field: str
    also: str
    span: int
    value: str
    other: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an item counts under."""

    day: date
    values: tuple[tuple[str, tuple[str, ...]], ...]  # by each of PAIRED
    organisations: tuple[str, ...]
    model: str


def facts(row: ItemRow, sources: Collection[str]) -> Facts:
    """Of an item that was seen at these sources."""
    values = (
        (SOURCE, _sorted(sources)),
        (THEME, _sorted(row.themes)),
        (COUNTRY, _sorted([row.country.upper()])),
        (LANGUAGE, _sorted([row.language])),
        (BAND, (band(row.sovereignty),)),
    )
    named = _sorted(map(name_key, row.organisations))
    return Facts(row.day or row.sort_at.date(), values, named, row.model)


def band(sovereignty: float) -> str:
    """The lower bound of the band that holds the score, as it is called."""
    score = millionths(sovereignty)
    return str(max(low for low in BANDS if millionths(low) <= score))


def keys(of: Facts) -> Iterator[Key]:
    """All that the item counts under."""
    day, month = day_span(of.day), month_span(of.day)
    yield from (Key(ALL, ALL, day, "", ""), Key(ALL, ALL, month, "", ""), Key(MODEL, ALL, day, of.model, ""))
    yield from (Key(ORGANISATION, ALL, month, name, "") for name in of.organisations)
    for at, (field, values) in enumerate(of.values):
        for value in values:
            yield Key(field, ALL, day, value, "")
            yield Key(field, ALL, month, value, "")
            for also, others in of.values[at + 1 :]:
                yield from (Key(field, also, month, value, other) for other in others)
            if field in BESIDE_NAMES:
                yield from (Key(field, ORGANISATION, EVER, value, name) for name in of.organisations)
        yield from (Key(field, field, month, *two) for two in combinations(values, 2))


def day_span(day: date) -> int:
    return DAYS + 100 * month_span(day) + day.day


def month_span(day: date) -> int:
    return 100 * day.year + day.month


@lru_cache(maxsize=4_096)  # a trend asks again and again
def day_of_span(span: int) -> date:
    """The day, the first one of a month."""
    month, day = divmod(span - DAYS, 100) if span >= DAYS else (span, 1)
    return date(month // 100, month % 100, day)


def _sorted(values: Collection[str] | Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
