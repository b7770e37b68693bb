"""Who writes items, and who puts them into stories. On SQLite one writes at a time, and nothing of this is needed.

Archivists write side by side, each its own items (`beside`), and take turns only at what touches stories
(`in_turn`), for a moment at the end. Who changes items by any other way does it `alone`. Always in this order:
items, then stories; so nobody waits in a circle.
"""

from collections.abc import Collection
from typing import Final

from sqlmodel import Session

from shared.archive.stories import LOCK
from shared.store import Store

ITEMS: Final = "items"


def beside(store: Store, session: Session, items: Collection[str]) -> None:
    """Write these items (ids) while others write others, until the transaction ends."""
    store.serialise(session, ITEMS, shared=True)
    store.serialise_each(session, [f"{ITEMS}/{item}" for item in items])


def in_turn(store: Store, session: Session) -> None:
    """Touch stories while nobody else does, until the transaction ends."""
    store.serialise(session, LOCK)


def alone(store: Store, session: Session) -> None:
    """Write items and touch stories while nobody else does, until the transaction ends."""
    store.serialise(session, ITEMS)
    in_turn(store, session)
