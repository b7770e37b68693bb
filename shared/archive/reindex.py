"""Indexes the archive again when the analyser became another: newest items first, some at a time, resumable.

What an older analyser made of an item goes on answering until its turn comes. A memo keeps how far it is, in the
transaction that does the work, so that a death repeats nothing and leaves nothing out.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from shared.archive import search_schema
from shared.archive.locks import alone
from shared.archive.rows import collected_of
from shared.archive.tables import ItemRow
from shared.archive.words import Words, words_of
from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.text.analyse import VERSION

MEMO: Final = "index"  # the version of the analyser; while items wait, then the number under which they do
NOTICE: Final = "index.renews"
BATCH: Final = 50  # items in one transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is. `below` is the `items.id` under which the older analyser's words stand, 0 when nowhere."""

    below: int
    left: int


def standing(session: Session) -> Standing:
    """How many items wait to be indexed again."""
    below = _below(session, _noted(session))
    left = session.exec(select(func.count()).where(col(ItemRow.id) < below)).one() if below else 0
    return Standing(below, left)


def step(store: Store) -> int:
    """Index the next items again; how many they were, 0 when none waits."""
    with store.reading() as session:
        noted = _noted(session)
        if not (below := _below(session, noted)):
            return 0
        newest = select(ItemRow).where(col(ItemRow.id) < below).order_by(col(ItemRow.id).desc()).limit(BATCH)
        rows = session.exec(newest).all()
    words = {_state(row): words_of(collected_of(row), row.language) for row in rows}
    with store.writing() as session:
        alone(store, session)  # who archives an item indexes it, too
        if _noted(session) == noted:  # else another process did these
            _write(store, session, words)
    return len(rows)


_State = tuple[int, str, str]  # an item and what its words rest on: number, wording, language


def _write(store: Store, session: Session, words: dict[_State, Words]) -> None:
    numbers = [number for number, *_ in words]
    now = select(ItemRow.id, ItemRow.content_hash, ItemRow.language).where(col(ItemRow.id).in_(numbers))
    standing_still = {state: words[state] for state in map(tuple, session.exec(now).all()) if state in words}
    again = {number: of_item for (number, *_), of_item in standing_still.items()}
    search_schema.index(session, again, replaced=tuple(again))
    below = min(numbers, default=0)
    memos.write(session, MEMO, f"{VERSION}:{below}" if below else f"{VERSION}", store.now(session))
    _say(store, session, standing(session).left)


def _say(store: Store, session: Session, left: int) -> None:
    if not left:
        withdraw(session, NOTICE)
        return
    reason = f"the search index is renewed; {left:,} items are still found by the rules of the version before."
    remedy = "Nothing is to be done; `vigie migrate` does it at once."
    raise_notice(session, NOTICE, Weight.WARNING, reason, remedy, store.now(session))


def _noted(session: Session) -> str:
    memo = memos.read(session, MEMO)
    return memo.text if memo else ""


def _below(session: Session, noted: str) -> int:
    version, _, below = noted.partition(":")
    if version == str(VERSION):
        return int(below or 0)
    return (session.exec(select(func.max(ItemRow.id))).one() or 0) + 1


def _state(row: ItemRow) -> _State:
    assert row.id is not None  # it was read from the table
    return row.id, row.content_hash, row.language
