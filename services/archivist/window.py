"""The vectors of what was published or came lately, in memory: 4 kB an item, and a millisecond a look at 2,000.

What was known once must not tell: who has just begun finds the same neighbours as who has run for weeks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from services.archivist.alike import BEST, FLOOR, Near
from services.archivist.stories import LOOK_BACK
from shared.archive import arrivals
from shared.archive.arrivals import Meant
from shared.items import MEANING_WIDTH as WIDTH
from shared.meaning.kept import Vectors
from shared.meaning.vectors import unpacked

HELD: Final = 2 * LOOK_BACK  # what is published three days late still meets what it belongs to
_ROOM: Final = 256  # items that room is made for at once
_CHUNK: Final = 4_000  # items compared at once

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item (`items.id`) that lies near another."""

    item: int
    near: Near


@dataclass(frozen=True, slots=True)
class Sought:
    """What neighbours are looked for: of other sources, published at most `LOOK_BACK` before or after."""

    source: str
    sort_at: datetime
    vectors: Vectors


class Window:
    """Kept from batch to batch. Lives in one thread."""

    def __init__(self, held: timedelta = HELD) -> None:
        self.seq: int | None = None
        self._held = held
        self._begins: datetime | None = None
        self._oldest: datetime | None = None  # of those that count; None: all
        self._slots: dict[int, int] = {}
        self._meant: list[Meant | None] = []
        self._title = _Side()
        self._text = _Side()
        self._at = np.empty(0)

    def catch_up(self, session: Session, now: datetime) -> None:
        """Read what arrived since the last time; everything where that is not known, or half of it is too old."""
        self._oldest = begins = now - self._held
        known = self.seq is not None and self._begins is not None and begins - self._begins < self._held
        arrived = arrivals.arrived(session, self.seq or 0)
        if not known or arrived.items is None:
            self._forget()
            self._begins = begins
            self.add(arrivals.meant_since(session, begins))
        else:
            self._drop(arrived.items)
            self.add(self.of_lately(arrivals.meant_among(session, arrived.items)))
        self.seq = arrived.seq

    def of_lately(self, items: Sequence[Meant]) -> Sequence[Meant]:
        """Those of these that count, at the moment of the last catching up: of bulk traffic there may be many."""
        return [each for each in items if self._is_late(each)]

    def add(self, items: Sequence[Meant]) -> None:
        """Take items in; of those that are there, in place of what was known."""
        for meant in items:
            slot = self._slots.setdefault(meant.item, len(self._meant))
            if slot == len(self._meant):
                self._meant.append(None)
            self._meant[slot] = meant
            self._title.put(slot, meant.title)
            self._text.put(slot, meant.text)
            if slot >= len(self._at):
                self._at = np.concatenate([self._at, np.full(max(_ROOM, len(self._at)), np.nan)])
            self._at[slot] = meant.sort_at.timestamp()

    def neighbours(self, sought: Sequence[Sought]) -> Sequence[Sequence[Neighbour]]:
        """For each the nearest, the nearest first; the farther ones are left out."""
        found: list[list[Neighbour]] = [[] for _ in sought]
        if not sought or not self._meant:
            return found
        titles, texts = _units(sought)
        for start in range(0, len(self._meant), _CHUNK):
            end = min(start + _CHUNK, len(self._meant))
            title = _products(titles, self._title.unit(start, end))
            text = _products(texts, self._text.unit(start, end))
            for number, each in enumerate(sought):
                there = np.abs(self._at[start:end] - each.sort_at.timestamp()) <= LOOK_BACK.total_seconds()
                found[number].extend(self._near(each, start, title[number], text[number], there))
        return [sorted(near, key=lambda each: (-each.near.score, each.item))[:BEST] for near in found]

    def _near(
        self, sought: Sought, start: int, title: Floats, text: Floats, there: NDArray[np.bool_]
    ) -> Iterator[Neighbour]:
        for at in np.flatnonzero(there & (title + text >= 2 * FLOOR)):
            meant = self._meant[start + int(at)]
            if meant is not None and self._is_late(meant) and _comparable(meant, sought):
                yield Neighbour(meant.item, Near(float(title[at]), float(text[at])))

    def _is_late(self, meant: Meant) -> bool:
        return self._oldest is None or meant.lately >= self._oldest

    def _drop(self, items: frozenset[int]) -> None:
        for item in items & self._slots.keys():
            slot = self._slots[item]
            self._meant[slot], self._at[slot] = None, np.nan

    def _forget(self) -> None:
        self._slots, self._meant, self._at = {}, [], np.empty(0)
        self._title, self._text = _Side(), _Side()


def _comparable(meant: Meant, sought: Sought) -> bool:
    one, other = meant.version, sought.vectors.version
    return one == other and meant.source != sought.source and bool(meant.text)


class _Side:
    """Vectors of length 1, a row for each slot; unpacked, for to unpack them costs thirty times a look."""

    def __init__(self) -> None:
        self._rows: Floats = np.empty((0, WIDTH), np.float32)

    def put(self, slot: int, vector: bytes) -> None:
        if slot >= len(self._rows):
            more = max(_ROOM, len(self._rows) // 2)
            self._rows = np.concatenate([self._rows, np.zeros((more, WIDTH), np.float32)])
        self._rows[slot] = unpacked(vector) if vector else 0

    def unit(self, start: int, end: int) -> Floats:
        return self._rows[start:end]


def nearness(sought: Mapping[int, Sought]) -> Mapping[int, Mapping[int, Near]]:
    """Of each of these the others that lie near it, under their numbers."""
    titles, texts = _units(list(sought.values()))
    title, text = titles @ titles.T, texts @ texts.T
    names, found = list(sought), {}
    for at, one in enumerate(names):
        near = np.flatnonzero(title[at] + text[at] >= 2 * FLOOR)
        found[one] = {
            names[to]: Near(float(title[at, to]), float(text[at, to]))
            for to in map(int, near)
            if to != at and sought[one].vectors.version == sought[names[to]].vectors.version
        }
    return found


def _products(some: Floats, many: Floats) -> Floats:
    """Of each with each. A matrix of one row is multiplied a hundred times slower than a vector."""
    products: Floats = (many @ some[0])[None] if len(some) == 1 else some @ many.T
    return products


def _units(sought: Sequence[Sought]) -> tuple[Floats, Floats]:
    titles, texts = _Side(), _Side()
    for slot, each in enumerate(sought):
        titles.put(slot, each.vectors.title)
        texts.put(slot, each.vectors.text)
    return titles.unit(0, len(sought)), texts.unit(0, len(sought))
