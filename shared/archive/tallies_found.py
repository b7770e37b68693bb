"""What tallies say of what is asked, see `shared.archive.tallies_asked`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, literal, select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow, TallyRow
from shared.archive.tallied import is_counted
from shared.archive.tallies import (
    ALL,
    EVER,
    ORGANISATION,
    PAIRED,
    SOURCE,
    day_of_span,
    day_span,
    month_span,
)
from shared.archive.tallies_asked import SINGLE, Asked

_FIELD: Final[Any] = col(TallyRow.field)
_ALSO: Final[Any] = col(TallyRow.also)
_SPAN: Final[Any] = col(TallyRow.span)
_VALUE: Final[Any] = col(TallyRow.value)
_OTHER: Final[Any] = col(TallyRow.other)


@dataclass(frozen=True, slots=True)
class Told:
    """So many items have the value; those of one span, where it was asked."""

    value: str
    items: int
    span: int


def monthly(session: Session, asked: Asked, by: str, first: int, last: int) -> Sequence[Told]:
    """By the values of a field, ALL for none, and by month between these two; its own days are not looked at."""
    if by == ORGANISATION and asked.field != ALL:
        return _told(session, asked, by, EVER, EVER)
    return _told(session, asked, by, first, last) if first <= last else ()


def daily(session: Session, asked: Asked, by: str, since: date, until: date) -> Sequence[Told]:
    """The same by day, from the one to the other."""
    return _told(session, asked, by, day_span(since), day_span(until))


def beginnings(session: Session, field: str, since: date) -> Sequence[tuple[str, date]]:
    """The sources, or models, of which no item counts for `since` or a day before, with the first day of each."""
    if not is_counted(session):
        of_item = col(ItemRow.source if field == SOURCE else ItemRow.model)
        first: Any = select(of_item, func.min(col(ItemRow.day))).group_by(of_item).order_by(of_item)
        return [(value, day) for value, day in session.execute(first) if day and day > since]
    found: Sequence[Any] = ()
    if field == SOURCE:  # is counted by month, too: that tells which may be meant, and where their days stand
        months = _first(session, field, month_span(date.min), month_span(date.max))
        young = [(value, day_of_span(span)) for value, span in months if span >= month_span(since)]
        if young:
            low, high = min(day for _, day in young), max(day for _, day in young)
            ends = day_span(low), day_span(high.replace(day=28) + timedelta(days=3))
            found = _first(session, field, *ends, [value for value, _ in young])
    else:
        found = _first(session, field, day_span(date.min), day_span(date.max))
    days = ((value, day_of_span(span)) for value, span in found)
    return [(value, day) for value, day in days if day > since]


def _first(
    session: Session, field: str, low: int, high: int, values: Sequence[str] | None = None
) -> Sequence[Any]:
    first = select(_VALUE, func.min(_SPAN)).where(field == _FIELD, _ALSO == ALL, _SPAN.between(low, high))
    first = first if values is None else first.where(_VALUE.in_(values))
    return session.execute(first.where(col(TallyRow.items) > 0).group_by(_VALUE).order_by(_VALUE)).all()


def _told(session: Session, asked: Asked, by: str, first: int, last: int) -> Sequence[Told]:
    counted: Counter[tuple[str, int]] = Counter()
    for part in _rows(asked, by, first, last):
        for value, items, span in session.connection().execute(part):
            counted[value, span] += items
    return [Told(value, items, span) for (value, span), items in counted.items() if items]


def _rows(asked: Asked, by: str, first: int, last: int) -> Iterator[Select[Any]]:
    values = sorted(asked.values)
    if by == ALL:
        those = [_VALUE.in_(values)] if asked.field != ALL else []
        yield _some(literal(""), asked.field, ALL, first, last, *those)
    elif asked.field == ALL:
        yield _some(_VALUE, by, ALL, first, last)
    elif by == asked.field:
        yield _some(_VALUE, by, ALL, first, last, _VALUE.in_(values))
        if by not in SINGLE:  # the others that an item has beside this one
            yield _some(_OTHER, by, by, first, last, _VALUE.in_(values))
            yield _some(_VALUE, by, by, first, last, _OTHER.in_(values))
    elif _leads(asked.field, by):
        yield _some(_OTHER, asked.field, by, first, last, _VALUE.in_(values))
    else:
        yield _some(_VALUE, by, asked.field, first, last, _OTHER.in_(values))


def _leads(field: str, other: str) -> bool:
    return other == ORGANISATION or PAIRED.index(field) < PAIRED.index(other)


def _some(value: Any, field: str, also: str, first: int, last: int, *those: Any) -> Select[Any]:
    named: list[Any] = [value.label("value"), col(TallyRow.items).label("items"), _SPAN.label("span")]
    return select(*named).where(field == _FIELD, also == _ALSO, _SPAN.between(first, last), *those)
