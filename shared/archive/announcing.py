"""What items announce, for many of them: calls with their deadlines, events with their first days."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.found import FoundItem
from shared.archive.search import every
from shared.archive.tables import ItemAnnouncementRow, ItemRow
from shared.items import Announced, Announcement
from shared.store import Store

AT_ONCE: Final = 100
BEHIND: Final = timedelta(days=31)  # what is over stays in a calendar so long: nobody's forgets at once
MOST: Final = 1000  # items of a calendar, the newest


def for_calendar(store: Store, query: str, today: date, limit: int | None = None) -> Iterator[FoundItem]:
    """What a calendar of the query has."""
    return announcing(store, query, today - BEHIND, MOST if limit is None else min(limit, MOST))


def announcing(store: Store, query: str, since: date, limit: int) -> Iterator[FoundItem]:
    """The newest items that the query finds and that announce something on a day from `since` on, with that."""
    found: list[FoundItem] = []
    for item in every(store, f"({query}) (is:call OR is:event)" if query else "is:call OR is:event", limit=limit):
        found.append(item)
        if len(found) == AT_ONCE:
            yield from _with_days(store, found, since)
            found = []
    yield from _with_days(store, found, since)


def announced_on(session: Session, kind: Announcement, first: date, last: date, limit: int) -> Sequence[str]:
    """Ids of the items that announce something of this kind on a day between these, the next first."""
    day = col(ItemAnnouncementRow.day)
    rows = select(col(ItemRow.item_id)).join(ItemAnnouncementRow, col(ItemAnnouncementRow.item) == col(ItemRow.id))
    wanted = rows.where(col(ItemAnnouncementRow.kind) == kind, day >= first, day <= last)
    return session.execute(wanted.order_by(day, col(ItemRow.id)).limit(limit)).scalars().all()


def _with_days(store: Store, items: Sequence[FoundItem], since: date) -> Iterator[FoundItem]:
    if not items:
        return
    ids = [item.item_id for item in items]
    with store.reading() as session:
        asked = select(col(ItemRow.item_id), col(ItemRow.announced)).where(col(ItemRow.item_id).in_(ids))
        said = {item_id: map(Announced.model_validate, some) for item_id, some in session.execute(asked)}
    for item in items:
        told = tuple(each for each in said.get(item.item_id, ()) if each.day is not None and each.day >= since)
        if told:
            yield replace(item, announced=told)
