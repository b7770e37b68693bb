"""Tells again of live items that nobody was told of: a log that was made anew has lost what said so.

Who was told has looked at the item, and left a row for it; so it makes no difference how often it is told again.
"""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session, col, or_, select

from services.archivist.write import STAGE
from shared.archive.holdings import load
from shared.archive.tables import ItemRow
from shared.bus import ARCHIVED, Bus
from shared.events import encode
from shared.items import ArchivedItem, Purpose
from shared.store import Store
from shared.subscriptions.tables import EvaluatedItemRow

PAGE: Final = 100


def tell_again(store: Store, bus: Bus) -> int:
    """Publish the state of every live item that was never matched, and say how many. Raises Unavailable."""
    told, after = 0, 0
    while True:
        with store.reading() as session:
            rows = _untold(session, after)
            states = _states(session, [item_id for _, item_id in rows])
            now = store.now(session)
        if not rows:
            return told
        bus.publish(ARCHIVED, [encode(state, purpose=Purpose.LIVE, stage=STAGE, now=now) for state in states])
        told, after = told + len(states), rows[-1][0]


def _untold(session: Session, after: int) -> Sequence[tuple[int, str]]:
    """Live items in order of arrival that no matcher has looked at."""
    live = or_(col(ItemRow.entered_in_bulk).is_(False), col(ItemRow.released_at).is_not(None))
    known = select(EvaluatedItemRow.item_id).where(col(EvaluatedItemRow.item_id) == col(ItemRow.item_id))
    wanted = select(ItemRow.id, ItemRow.item_id).where(col(ItemRow.id) > after, live, ~known.exists())
    rows = session.exec(wanted.order_by(col(ItemRow.id)).limit(PAGE)).all()
    return [(id_ or 0, item_id) for id_, item_id in rows]


def _states(session: Session, item_ids: Sequence[str]) -> Sequence[ArchivedItem]:
    held = load(session, item_ids)
    return [held[item_id].state() for item_id in item_ids]
