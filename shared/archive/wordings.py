"""What an item said at some moment: the wordings that stood in the archive, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.archive.tables import ItemRow, RevisionRow
from shared.items import body_of


@dataclass(frozen=True, slots=True)
class Stood:
    """Title and body of a revision, and since when it stood here."""

    since: datetime
    title: str
    body: str


def wordings(session: Session, item_id: str) -> Sequence[Stood]:
    """Every wording of an item, the present one last; empty where the archive does not have it."""
    row = session.execute(select(ItemRow).where(col(ItemRow.item_id) == item_id)).scalar_one_or_none()
    if row is None:
        return ()
    theirs = select(RevisionRow).where(col(RevisionRow.item_id) == item_id).order_by(col(RevisionRow.revision))
    earlier = session.execute(theirs).scalars().all()
    stood = [Stood(each.seen_at, each.title, body_of(each.summary, each.text)) for each in earlier]
    return (*stood, Stood(row.revised_at, row.title, body_of(row.summary, row.text)))


def standing_at(known: Sequence[Stood], moment: datetime) -> Stood:
    """The wording of the moment; the first one where all came later."""
    return next((each for each in reversed(known) if each.since <= moment), known[0])
