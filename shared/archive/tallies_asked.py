"""Pure. Which questions tallies answer: of everything or of one field, and within days.

Several values of a field that an item has one of are asked together; of themes and sources one alone, since an
item with two of them would count twice.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from shared.archive.tallies import (
    ALL,
    BAND,
    BANDS,
    BESIDE_NAMES,
    COUNTRY,
    LANGUAGE,
    ORGANISATION,
    SOURCE,
    THEME,
    month_span,
)
from shared.query.match import COMPARED, millionths
from shared.query.syntax import Query
from shared.query.tree import After, And, Before, Everything, Facet, Is, Node, Not, Or, Sovereignty

_FIELDS: Final = {
    Facet.SOURCE: SOURCE,
    Facet.THEME: THEME,
    Facet.COUNTRY: COUNTRY,
    Facet.LANGUAGE: LANGUAGE,
}
SINGLE: Final = frozenset({COUNTRY, LANGUAGE, BAND})  # an item has one of
_DAY: Final = timedelta(days=1)
_NO_END: Final = 9_999_999

_Some = tuple[str, frozenset[str]]  # a field, any of these values of it


@dataclass(frozen=True, slots=True)
class Asked:
    """The items that have one of the values of `field`, from the day `since` to that before `until`."""

    field: str = ALL
    values: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @property
    def dated(self) -> bool:
        return self.since is not None or self.until is not None

    def within(self, since: date, until: date) -> "Asked":
        """The same, of these days alone, both included."""
        end = until + _DAY if until < date.max else None
        ends = [day for day in (self.until, end) if day is not None]
        return Asked(self.field, self.values, max(self.since or since, since), min(ends, default=None))

    def are_told(self, by: str) -> bool:
        """Whether tallies have the whole months of these items by the values of another field; ALL for none."""
        if by == ORGANISATION and self.field != ALL:
            return self.field in BESIDE_NAMES and not self.dated
        return True

    def are_told_daily(self, by: str) -> bool:
        """Whether they have the days, too."""
        if by == ORGANISATION:
            return False
        return by == ALL or self.field == ALL or (by == self.field and by in SINGLE)


@dataclass(frozen=True, slots=True)
class Parts:
    """Days as whole months, from `first` to `last` as spans, none if these are the wrong way round; the rest."""

    first: int
    last: int
    rest: tuple[tuple[date, date], ...]  # both days included


def parts(asked: Asked) -> Parts:
    """The days of what is asked."""
    since, until = asked.since, asked.until
    if since and until and since >= until:
        return Parts(_NO_END, 0, ())
    first, last, rest = 1, _NO_END, []
    end = until - _DAY if until and until > date.min else date.max
    if since is not None:
        first = month_span(since) if since.day == 1 else _span_after(since)
        if since.day > 1:
            rest.append((since, min(_last_of_month(since), end)))
    if until is not None:
        last = _span_before(until)
        if until.day > 1:
            rest.append((max(until.replace(day=1), since or date.min), end))
    return Parts(first, last, tuple(dict.fromkeys(rest)))


def days(asked: Asked) -> Parts:
    """All of them one by one; it is known from when to when."""
    first, end = asked.since or date.min, asked.until
    if end and first >= end:
        return Parts(_NO_END, 0, ())
    return Parts(_NO_END, 0, ((first, end - _DAY if end else date.max),))


def asked(query: Query) -> Asked | None:
    """The query as tallies answer it; None where they do not."""
    nodes = query.node.nodes if isinstance(query.node, And) else (query.node,)
    since = max((node.day for node in nodes if isinstance(node, After)), default=None)
    until = min((node.day for node in nodes if isinstance(node, Before)), default=None)
    some = [_some(node) for node in nodes if not isinstance(node, Everything | After | Before)]
    if not some:
        return Asked(since=since, until=until)
    fields = {each[0] if each else None for each in some}
    if None in fields or len(fields) > 1:
        return None
    found = [each for each in some if each]
    field, values = found[0][0], frozenset.intersection(*(each[1] for each in found))
    if field not in SINGLE and (len(found) > 1 or len(values) != 1):
        return None
    return Asked(field, values, since, until)


def _some(node: Node) -> _Some | None:
    match node:
        case Is(facet) if facet in _FIELDS:
            return _FIELDS[facet], frozenset(node.values)
        case Or(nodes):
            return _joined([_some(each) for each in nodes], frozenset.union)
        case And(nodes):
            joined = _joined([_some(each) for each in nodes], frozenset.intersection)
            return joined if joined and joined[0] in SINGLE else None
        case Sovereignty(sign, value) if sign in (">=", "<") and millionths(value) in map(millionths, BANDS):
            bands = (str(low) for low in BANDS if COMPARED[sign](millionths(low), millionths(value)))
            return BAND, frozenset(bands)
        case Not(inner):
            found = _some(inner)
            return (BAND, frozenset(map(str, BANDS)) - found[1]) if found and found[0] == BAND else None
        case _:
            return None


def _joined(some: Sequence[_Some | None], join: Callable[..., Any]) -> _Some | None:
    found = {each[0]: [one[1] for one in some if one] for each in some if each}
    if None in some or len(found) != 1:
        return None
    ((field, values),) = found.items()
    return field, join(*values)


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _span_after(day: date) -> int:
    """The month behind that of the day, which may be none that a date has."""
    return month_span(day) + (1 if day.month < 12 else 89)


def _span_before(day: date) -> int:
    return month_span(day) - (1 if day.month > 1 else 89)
