"""Subscriptions after a clock was put back: digests of days to come free those days."""

from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from shared.moments import SLACK
from shared.subscriptions.tables import DeliveryRow, DigestRunRow
from shared.subscriptions.version import bump


def put_right(session: Session, now: datetime) -> None:
    """A day has one digest: a run that was made in the future frees the day that it took."""
    runs = select(DigestRunRow.delivery_id).where(col(DigestRunRow.at) > now + SLACK)
    theirs = update(DeliveryRow).where(col(DeliveryRow.id).in_(runs))
    renamed = theirs.values(key=col(DeliveryRow.key) + "/" + col(DeliveryRow.id))
    session.execute(renamed.execution_options(synchronize_session=False))
    session.execute(delete(DigestRunRow).where(col(DigestRunRow.at) > now + SLACK))
    bump(session)
