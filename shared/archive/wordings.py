"""What an item said at some moment: the wording that stood in the archive then."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow, RevisionRow
from shared.items import body_of


@dataclass(frozen=True, slots=True)
class Stood:
    """Title and body of a revision."""

    revision: int
    title: str
    body: str


def wording_at(session: Session, item_id: str, moment: datetime) -> Stood | None:
    """The wording of the moment, the first one where it came later; None where the archive has no such item."""
    row = session.execute(select(ItemRow).where(col(ItemRow.item_id) == item_id)).scalar_one_or_none()
    if row is None:
        return None
    if row.revised_at > moment:
        theirs = select(RevisionRow).where(col(RevisionRow.item_id) == item_id)
        before = theirs.where(col(RevisionRow.seen_at) <= moment).order_by(col(RevisionRow.revision).desc())
        first = theirs.order_by(col(RevisionRow.revision))
        for wanted in (before, first):
            if earlier := session.execute(wanted.limit(1)).scalar_one_or_none():
                return Stood(earlier.revision, earlier.title, body_of(earlier.summary, earlier.text))
    return Stood(row.revision, row.title, body_of(row.summary, row.text))
