"""Keeps items' entries in the search index, and their places, in line with the items.

SQLite's index must be told what it is to forget, so what stands there is noted before items are changed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from shared.archive import search_schema, theme_bits
from shared.archive.holdings import Holding
from shared.archive.places import allot, slot
from shared.archive.rows import number
from shared.archive.tables import ItemRow, PlaceRow
from shared.archive.words import Indexed, Words
from shared.query.match import millionths
from shared.store.upsert import insert_all
from shared.text.analyse import VERSION

WordsOf = Callable[[Holding, Indexed], Words]


@dataclass(frozen=True, slots=True)
class _Stood:
    """An item as it stood: with its place, unless its entry is one of old."""

    place: int | None
    version: int
    slot: int
    facts: tuple[Any, ...]
    indexed: Indexed

    def is_same_entry(self, other: "_Stood") -> bool:
        return (self.slot, self.indexed) == (other.slot, other.indexed)

    @property
    def is_current(self) -> bool:
        return self.place is not None and self.version == VERSION


@dataclass(frozen=True, slots=True)
class _Change:
    """An item that needs another entry than the one that stood."""

    held: Holding
    stood: _Stood | None
    now: _Stood

    @property
    def kept(self) -> int | None:
        """Its place, where that stays the same."""
        return self.stood.place if self.stood and self.stood.slot == self.now.slot else None


class Entries:
    """The entries of some items: noted as they stand, brought in line later. Lives in a writing session."""

    def __init__(self, session: Session, holdings: Iterable[Holding]) -> None:
        self._session = session
        self._stood = _standing(session, list(holdings))

    @property
    def standing(self) -> Mapping[int, Indexed]:
        """Place -> what the entry there rests on."""
        current = (one for one in self._stood.values() if one.is_current)
        return {one.place: one.indexed for one in current if one.place is not None}

    def bring_in_line(self, holdings: Iterable[Holding], words: WordsOf, *, again: bool = False) -> None:
        """Write anew what changed; with `again` also what has no entry of this version. Rows must have numbers."""
        changes, restated = [], []
        for held in holdings:
            stood, now = self._stood.get(held.row.item_id), _now(held)
            if stood is None or not stood.is_same_entry(now) or (again and not stood.is_current):
                changes.append(_Change(held, stood, now))
            elif stood.place is not None and stood.facts != now.facts:
                restated.append(held)
                self._set_place(held, stood.place, now)
        self._write(changes, words)
        self._forget_places([*(one.held for one in changes if one.stood), *restated])
        both = [*(one.held for one in changes), *restated]
        insert_all(self._session, PlaceRow, [self._place_row(held) for held in both])

    def _write(self, changes: Sequence[_Change], words: WordsOf) -> None:
        stood = [one.stood for one in changes if one.stood and one.stood.is_current]
        search_schema.take_out(self._session, {one.place: one.indexed for one in stood if one.place is not None})
        of_old = [number(one.held.row) for one in changes if one.stood and one.stood.place is None]
        search_schema.take_out_earlier(self._session, of_old)
        free = iter(allot(self._session, [one.now.slot for one in changes if one.kept is None]))
        for one in changes:
            self._set_place(one.held, next(free) if one.kept is None else one.kept, one.now)
        search_schema.add(
            self._session,
            [(self._place(one.held), one.now.indexed, words(one.held, one.now.indexed)) for one in changes],
        )

    def _set_place(self, held: Holding, place: int, now: _Stood) -> None:
        self._stood[held.row.item_id] = _Stood(place, VERSION, now.slot, now.facts, now.indexed)

    def _place(self, held: Holding) -> int:
        place = self._stood[held.row.item_id].place
        assert place is not None  # it was set
        return place

    def _forget_places(self, holdings: Iterable[Holding]) -> None:
        if numbers := [number(held.row) for held in holdings]:
            self._session.execute(delete(PlaceRow).where(col(PlaceRow.item).in_(numbers)))

    def _place_row(self, held: Holding) -> dict[str, Any]:
        stood = self._stood[held.row.item_id]
        day, sovereignty, country, language, themes = stood.facts
        return {
            "place": stood.place,
            "item": number(held.row),
            "version": stood.version,
            "day": day,
            "sovereignty": sovereignty,
            "country": country,
            "language": language,
            "themes": themes,
        }


def remove(session: Session, holdings: Collection[Holding]) -> None:
    """Let the entries of items go, and their places."""
    numbers = [number(held.row) for held in holdings]
    search_schema.take_out(session, Entries(session, holdings).standing)
    search_schema.take_out_earlier(session, numbers)
    session.execute(delete(PlaceRow).where(col(PlaceRow.item).in_(numbers)))


def _standing(session: Session, holdings: Sequence[Holding]) -> dict[str, _Stood]:
    numbers = [number(held.row) for held in holdings]
    wanted = select(col(PlaceRow.item), col(PlaceRow.place), col(PlaceRow.version))
    places = {item: (at, by) for item, at, by in session.execute(wanted.where(col(PlaceRow.item).in_(numbers)))}
    found = {}
    for held in holdings:
        place, version = places.get(number(held.row), (None, 0))
        now = _now(held)
        found[held.row.item_id] = _Stood(place, version, now.slot, now.facts, now.indexed)
    return found


def _now(held: Holding) -> _Stood:
    row = held.row
    return _Stood(None, 0, slot(row.sort_at), _facts(row), Indexed.of(row, held.sources))


def _facts(row: ItemRow) -> tuple[Any, ...]:
    day = row.day or row.sort_at.date()
    return day, millionths(row.sovereignty), row.country.upper(), row.language, theme_bits.bits(row.themes)
