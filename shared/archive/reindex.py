"""Indexes the archive again when the analyser became another: newest items first, some at a time, resumable.

What an older analyser made of an item goes on answering until its turn comes. A memo keeps how far it is, in the
transaction that does the work, so that a death repeats nothing and leaves nothing out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from shared.archive.entries import Entries
from shared.archive.holdings import load
from shared.archive.locks import alone
from shared.archive.renewal import MEMO, noted
from shared.archive.tables import ItemRow
from shared.archive.words import Indexed, Words, words_of
from shared.items import body_of
from shared.store import Store, memos
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told
from shared.text.analyse import VERSION

NOTICE: Final = "index.renews"
BATCH: Final = 50  # items in one transaction
SAID: Final = 5_000  # items after which is said how many are left: to count a million takes half a second


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is. `below` is the `items.id` under which the older analyser's words stand, 0 when nowhere."""

    below: int
    left: int


def standing(session: Session) -> Standing:
    """How many items wait to be indexed again."""
    below = _below(session, noted(session))
    left = session.exec(select(func.count()).where(col(ItemRow.id) < below)).one() if below else 0
    return Standing(below, left)


def step(store: Store) -> int:
    """Index the next items again; how many they were, 0 when none waits."""
    with store.reading() as session:
        before = noted(session)
        below = _below(session, before)
        newest = select(ItemRow).where(col(ItemRow.id) < below).order_by(col(ItemRow.id).desc()).limit(BATCH)
        rows = session.exec(newest).all() if below else []
    texts = [(row.title, body_of(row.summary, row.text), row.language) for row in rows]
    words = {text: words_of(*text) for text in texts}  # before anybody has to wait for it
    if not rows and before == str(VERSION):
        return 0
    with store.writing() as session:
        alone(store, session)  # who archives an item indexes it, too
        if noted(session) == before:  # else another process did these
            _write(store, session, rows, words)
    return len(rows)


_Texts = dict[tuple[str, str, str], Words]  # title, body, language -> words


def _write(store: Store, session: Session, rows: Sequence[ItemRow], words: _Texts) -> None:
    held = load(session, [row.item_id for row in rows])
    entries = Entries(session, held.values())
    entries.bring_in_line(held.values(), lambda _, indexed: _words(indexed, words), again=True)
    before, below = noted(session), min((row.id or 0 for row in rows), default=0)
    memos.write(session, MEMO, f"{VERSION}:{below}" if below else f"{VERSION}", store.now(session))
    begins = not before.startswith(f"{VERSION}:")
    if begins or not below or _below(session, before) // SAID != below // SAID:
        _say(store, session, standing(session).left)


def _words(indexed: Indexed, words: _Texts) -> Words:
    """What was read beforehand, unless the item changed meanwhile."""
    return words.get((indexed.title, indexed.body, indexed.language)) or indexed.words()


def _say(store: Store, session: Session, left: int) -> None:
    if not left:
        withdraw(session, NOTICE)
        return
    raise_notice(session, NOTICE, Weight.WARNING, told(NOTICE, n=left), store.now(session))


def _below(session: Session, memo: str) -> int:
    version, _, below = memo.partition(":")
    if version == str(VERSION):
        return int(below or 0)
    return (session.exec(select(func.max(ItemRow.id))).one() or 0) + 1
