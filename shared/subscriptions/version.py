"""The subscriptions version: counts the changes to what would match, so that a matcher knows its index is old."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session, col, select, update

from shared.store import Store
from shared.store.upsert import insert_new
from shared.subscriptions.tables import SubscriptionsVersionRow


def version(session: Session, *, lock: bool = False) -> int:
    """The subscriptions version; with `lock` nobody changes it before this transaction ends."""
    query = select(SubscriptionsVersionRow.version)
    found = session.exec(query.with_for_update(read=True) if lock else query).first()
    return found or 0


@contextmanager
def changing(store: Store) -> Iterator[Session]:
    """A writing session for a change to what would match; it waits for matchers, and they for it.

    The lock comes first: whatever the change reads, its time too, is later than every match written before it.
    """
    with store.writing() as session:
        lock(session)
        yield session


def lock(session: Session) -> None:
    """Wait for every other change to what would match. Lines of the consent record then have numbers in order."""
    insert_new(session, SubscriptionsVersionRow, {"id": 1, "version": 0})
    session.exec(select(SubscriptionsVersionRow).with_for_update()).one()


def bump(session: Session) -> None:
    """Tell every matcher that what would match has changed."""
    insert_new(session, SubscriptionsVersionRow, {"id": 1, "version": 0})
    row = update(SubscriptionsVersionRow).where(col(SubscriptionsVersionRow.id) == 1)
    session.execute(row.values(version=SubscriptionsVersionRow.version + 1))
