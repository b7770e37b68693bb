"""Where an item stands in "newest first": its place, which grows with `sort_at` and is its key in the index.

A place is an eighth of a second since the year 1. Of several items that want the same one, each later comer takes
the next that is free: after by seconds where a whole day's items have one moment, and by `SPILL` at the most.
Archivists who write side by side never wait for one another here: what one has claimed is taken for the others.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import select, text
from sqlmodel import Session, col

from shared.archive.tables import PlaceRow

UNIT: Final = timedelta(milliseconds=125)
SPILL: Final = timedelta(days=2)  # room for 1.4 million items of one moment
_BEGIN: Final = datetime(1, 1, 1, tzinfo=UTC)
_AT_ONCE: Final = 5_000  # values of one query
_STRETCH: Final = 256  # places that are asked for together
_CLAIM: Final = "'places/' || p"
_PLACES: Final = "unnest(CAST(:places AS bigint[]))"


def slot(moment: datetime) -> int:
    """The place that an item of this moment takes when it is free."""
    return (moment.astimezone(UTC) - _BEGIN) // UNIT


def slot_of(day: date) -> int:
    """The first slot of the day in UTC."""
    return slots(timedelta(days=day.toordinal() - 1))


def slots(span: timedelta) -> int:
    """How many there are in a span of time."""
    return span // UNIT


def allot(session: Session, wanted: Sequence[int]) -> Sequence[int]:
    """For each of these slots a place that nobody has; whoever comes first stands first."""
    known = _Taken(session, wanted)
    next_: dict[int, int] = {}  # slot -> where to look for the one behind those that were given for it
    places = []
    for want in wanted:
        place = next_.get(want, want)
        while not known.take(place):
            place += 1
        next_[want] = place + 1
        places.append(place)
    return places


class _Taken:
    """The places that are taken, as far as they were asked for, others' that are not committed included."""

    def __init__(self, session: Session, wanted: Sequence[int]) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"  # has one writer at a time
        self._ours: set[int] = set()
        self._taken: set[int] = set()
        self._stretches: set[int] = set()
        slots = sorted(set(wanted))
        for start in range(0, len(slots), _AT_ONCE):
            self._ask(slots[start : start + _AT_ONCE])

    def take(self, place: int) -> bool:
        """Whether it is ours now, and was not before."""
        if place not in self._ours and place not in self._taken:
            self._look_around(place)
            if not self._sqlite and place not in self._taken:
                self._ask([place])
        if place in self._taken:
            return False
        self._taken.add(place)
        return True

    def _look_around(self, place: int) -> None:
        """What is there from this place on: piles of one moment are passed by quickly."""
        stretch = place // _STRETCH
        if stretch not in self._stretches:
            self._stretches.add(stretch)
            there = col(PlaceRow.place).between(stretch * _STRETCH, (stretch + 1) * _STRETCH - 1)
            self._taken.update(self._session.execute(select(col(PlaceRow.place)).where(there)).scalars())

    def _ask(self, places: Sequence[int]) -> None:
        """Claim them until the transaction ends, then look which are there: what was claimed before is by now."""
        if self._sqlite:
            self._ours.update(places)
        else:
            claim = text(f"SELECT p, pg_try_advisory_xact_lock(hashtextextended({_CLAIM}, 0)) FROM {_PLACES} AS p")
            for place, is_ours in self._session.execute(claim, {"places": list(places)}):
                (self._ours if is_ours else self._taken).add(place)
        there = select(col(PlaceRow.place)).where(col(PlaceRow.place).in_(places))
        self._taken.update(self._session.execute(there).scalars())
