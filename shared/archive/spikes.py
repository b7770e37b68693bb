"""The spikes of items: what was found of each, and when a value last had one."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow, ItemSpikeRow
from shared.items import Spike


def spikes_of(session: Session, item_ids: Sequence[str]) -> Iterator[tuple[str, Spike]]:
    """Item id and spike, of those of the items that have any."""
    joined = select(col(ItemRow.item_id), ItemSpikeRow).join(ItemRow, col(ItemRow.id) == col(ItemSpikeRow.item))
    ordered = joined.where(col(ItemRow.item_id).in_(item_ids)).order_by(
        col(ItemSpikeRow.kind), col(ItemSpikeRow.value)
    )
    for item_id, row in session.execute(ordered):
        yield item_id, Spike(kind=row.kind, value=row.value, found=row.found, usual=row.usual)


def last_spike(session: Session, kind: str, value: str) -> datetime | None:
    """When the value last had one."""
    at = select(func.max(col(ItemSpikeRow.seen_at))).where(
        col(ItemSpikeRow.kind) == kind, col(ItemSpikeRow.value) == value
    )
    moment: datetime | None = session.execute(at).scalar_one()
    return moment


def keep(session: Session, item: int, spike: Spike, now: datetime) -> None:
    """Keep a spike of the item with this `items.id`."""
    session.merge(ItemSpikeRow(item=item, seen_at=now, **spike.model_dump()))
