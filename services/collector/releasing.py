"""Releases what the flood guard held: sends it once more as live, so that it may reach people."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from services.collector.poll import STAGE
from shared.bus import COLLECTED, Bus
from shared.events import encode
from shared.items import CollectedItem, Purpose
from shared.sources.store import held_entries, source_row
from shared.sources.tables import HeldEntry, SeenEntry
from shared.store import Store


def release_held(store: Store, bus: Bus, source: str) -> int:
    """Send the held entries of a source as live, and say how many. Raises NotFound, BusUnavailable.

    They are marked after their events are durable: a crash in between sends them again, under the same names.
    """
    with store.reading() as session:
        source_row(session, source)
        held = held_entries(session, source)
        now = store.now(session)
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
