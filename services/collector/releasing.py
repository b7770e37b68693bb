"""Releases what the flood guard held: sends it once more as live, so that it may reach people.

An operator does, and the collector itself what it held for its date by a clock that was ahead.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from services.collector.decide import DATED, FRESH
from services.collector.poll import STAGE
from shared.bus import COLLECTED, Bus
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.moments import SLACK
from shared.sources.store import held_entries, source_row
from shared.sources.tables import HeldEntry, SeenEntry
from shared.store import Store

log = logging.getLogger(__name__)


def release_held(store: Store, bus: Bus, source: str) -> int:
    """Send the held entries of a source as live, and say how many. Raises NotFound, BusUnavailable.

    They are marked after their events are durable: a crash in between sends them again, under the same names.
    """
    with store.reading() as session:
        source_row(session, source)
        held = held_entries(session, source)
        now = store.now(session)
    return _release(store, bus, held, now)


def reconsider(store: Store, bus: Bus) -> int:
    """Release what was held for its date in a time that is yet to come, and is fresh. How many that were.

    To a clock that was ahead, all news was old. What is old by the right time, too, stays held, from now on.
    """
    with store.reading() as session:
        now = store.now(session)
        held = [one for one in held_entries(session) if one.held_at > now + SLACK]
    fresh = [one for one in held if one.reason.startswith(DATED) and _is_fresh(one, now)]
    if held:
        log.warning("held by a clock that was ahead", extra={"entries": len(held), "released": len(fresh)})
        _release(store, bus, fresh, now)
        with store.writing() as session:
            future = update(HeldEntry).where(col(HeldEntry.id).in_([one.id for one in held]))
            session.execute(future.values(held_at=now))
    return len(fresh)


def _is_fresh(held: HeldEntry, now: datetime) -> bool:
    item = CollectedItem.model_validate(held.collected)
    published = item.published or item.updated
    return published is not None and published >= now - FRESH


def _release(store: Store, bus: Bus, held: Sequence[HeldEntry], now: datetime) -> int:
    items = [CollectedItem.model_validate(one.collected | {"released_at": now}) for one in held]
    bus.publish(COLLECTED, [encode(item, purpose=Purpose.LIVE, stage=STAGE, now=now) for item in items])
    with store.writing() as session:
        for one in held:
            _mark(session, one, now)
    return len(items)


def _mark(session: Session, held: HeldEntry, now: datetime) -> None:
    """Released, and live from now on: so are the entry's revisions."""
    session.execute(update(HeldEntry).where(col(HeldEntry.id) == held.id).values(released_at=now))
    live = update(SeenEntry).where(col(SeenEntry.source) == held.source, col(SeenEntry.item_id) == held.item_id)
    session.execute(live.values(purpose=Purpose.LIVE.value))
