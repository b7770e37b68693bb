"""Feeds of searches that somebody asked for of late: those whose news a hub is told of (WebSub).

Their number is bounded: who asks for many addresses moves none that is read out of the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, col

from shared.archive.found import FoundItem
from shared.archive.tables import FollowedFeedRow, ItemRow

MOST: Final = 500  # feeds
LONGEST: Final = 1_000  # characters of an address; SQLite and PostgreSQL find longer ones, hubs do not
LATELY: Final = timedelta(days=30)  # that a feed is told of after it was asked for
READ: Final = timedelta(days=2)  # in which nobody's place in a full list is taken
ECHO: Final = timedelta(minutes=15)  # after we told a hub, it is the hub that asks


@dataclass(frozen=True, slots=True)
class Followed:
    """A feed: the address that it gives itself, what it asks, what it held when a hub was last told ('' never)."""

    topic: str
    query: str
    told: str


def note_asked(session: Session, topic: str, query: str, now: datetime) -> bool:
    """Somebody asked for the feed. False where that counts for nothing: it was our hub, or the list is full."""
    if len(topic) > LONGEST:
        return False
    row = session.get(FollowedFeedRow, topic)
    if row is not None:
        if row.told_at is not None and now - row.told_at < ECHO:
            return False
        row.asked_at = now
        return True
    _make_room(session, now)
    if _number(session) >= MOST:
        return False
    session.add(FollowedFeedRow(topic=topic, query=query, asked_at=now))
    session.flush()
    return True


def newest_arrival(session: Session) -> datetime | None:
    """When something new last came into the archive: before that no feed needs to be looked at again."""
    last: datetime | None = session.execute(select(func.max(col(ItemRow.first_seen)))).scalar_one()
    return last


def to_look_at(session: Session, now: datetime, arrival: datetime, limit: int) -> Sequence[Followed]:
    """Feeds that were not looked at since that arrival, those first that wait longest."""
    of_old = or_(col(FollowedFeedRow.looked).is_(None), col(FollowedFeedRow.looked) < arrival)
    wanted = select(FollowedFeedRow).where(of_old, col(FollowedFeedRow.asked_at) > now - LATELY)
    rows = session.execute(wanted.order_by(col(FollowedFeedRow.looked).nulls_first()).limit(limit)).scalars()
    return [Followed(row.topic, row.query, row.told) for row in rows]


def note_looked(
    session: Session,
    topics: Iterable[str],
    arrival: datetime,
    held: str | None = None,
    now: datetime | None = None,
) -> None:
    """These were looked at; with `held` that is what the hub knows of from now on, told `now` or known before."""
    values = {"looked": arrival} | ({"told": held} if held is not None else {}) | ({"told_at": now} if now else {})
    session.execute(update(FollowedFeedRow).where(col(FollowedFeedRow.topic).in_(list(topics))).values(**values))


def held_by(items: Iterable[FoundItem]) -> str:
    """What a feed holds, in short: another one where an item or its words are others."""
    return sha256(" ".join(f"{item.item_id}/{item.revision}" for item in items).encode()).hexdigest()[:32]


def _number(session: Session) -> int:
    number: int = session.execute(select(func.count()).select_from(FollowedFeedRow)).scalar_one()
    return number


def _make_room(session: Session, now: datetime) -> None:
    session.execute(delete(FollowedFeedRow).where(col(FollowedFeedRow.asked_at) <= now - LATELY))
    if _number(session) < MOST:
        return
    oldest = select(col(FollowedFeedRow.topic)).where(col(FollowedFeedRow.asked_at) <= now - READ)
    first = session.execute(oldest.order_by(col(FollowedFeedRow.asked_at)).limit(1)).scalar_one_or_none()
    session.execute(delete(FollowedFeedRow).where(col(FollowedFeedRow.topic) == first))
