"""Keeps tallies in line with the items, in the transaction that writes these; see `shared.archive.tallies`.

Add them last: who writes the same tallies waits from then on. A memo says how far the archive is counted
(`shared.archive.recount`); an item that is not counted yet is left alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlmodel import Session

from shared.archive.holdings import Holding
from shared.archive.rows import number
from shared.archive.tables import TallyRow
from shared.archive.tallies import Facts, Key, facts, keys
from shared.store import memos
from shared.store.upsert import add_all

VERSION: Final = 1  # of what is counted, and how
MEMO: Final = "tallies"  # the version; while items wait, then the number under which they do


class Counted:
    """The tallies of some items: noted as they stand, brought in line later. Lives in a writing session."""

    def __init__(self, session: Session, holdings: Iterable[Holding]) -> None:
        self._session = session
        self._stood = {held.row.item_id: _facts(held) for held in holdings}
        self._changes: Counter[Key] = Counter()

    def note(self, holdings: Iterable[Holding]) -> None:
        """Remember what changed of these. Rows must have numbers."""
        begin = counted_from(self._session)
        for held in holdings:
            before, now = self._stood.get(held.row.item_id), _facts(held)
            if begin is not None and number(held.row) >= begin and before != now:
                self._changes.update(keys(now))
                self._changes.subtract(keys(before) if before else ())
            self._stood[held.row.item_id] = now

    def note_removed(self, holdings: Iterable[Holding]) -> None:
        """These go."""
        begin = counted_from(self._session)
        for held in holdings:
            if begin is not None and number(held.row) >= begin:
                self._changes.subtract(keys(self._stood[held.row.item_id]))

    def write(self) -> None:
        """Add what was noted."""
        add(self._session, self._changes)
        self._changes.clear()


def add(session: Session, changes: Mapping[Key, int]) -> None:
    """Write the tallies: in one order, so that nobody waits in a circle."""
    rows: list[dict[str, Any]] = [
        {"field": field, "also": also, "span": span, "value": value, "other": other, "items": items}
        for (field, also, span, value, other), items in sorted(changes.items())
        if items
    ]
    add_all(session, TallyRow, Key._fields, "items", rows)


def counted_from(session: Session) -> int | None:
    """The `items.id` from which on items are counted; None while none is."""
    memo = memos.read(session, MEMO)
    version, _, below = memo.text.partition(":") if memo else ("", "", "")
    return int(below or 0) if version == str(VERSION) else None


def is_counted(session: Session) -> bool:
    """Whether every item is."""
    return counted_from(session) == 0


def _facts(held: Holding) -> Facts:
    return facts(held.row, held.sources)
