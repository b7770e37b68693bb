"""How far looks back at sources came, so that one that was interrupted goes on; and what they prove."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from shared.sources.tables import LookBackRow, SourceRow


def look_back_of(session: Session, source: str) -> LookBackRow | None:
    """The last look back at a source."""
    return session.get(LookBackRow, source)


def begun(
    session: Session, source: str, since: datetime, way: str, waiting: Sequence[list[Any]], now: datetime
) -> LookBackRow:
    """A look back from its beginning, in place of what there was."""
    if old := session.get(LookBackRow, source):
        session.delete(old)
        session.flush()
    row = LookBackRow(source=source, since=since, way=way, waiting=list(waiting), began_at=now, went_on_at=now)
    session.add(row)
    return row


def brought(
    session: Session,
    source: str,
    *,
    items: int,
    pages_read: int,
    pages_missed: int,
    complete_since: datetime | None,
) -> None:
    """Count in the source's row what a look back brought, and from when on the source is complete now."""
    wanted = select(SourceRow).where(col(SourceRow.id) == source).with_for_update()
    row = session.exec(wanted).one()
    row.items += items
    row.pages_read += pages_read
    row.pages_missed += pages_missed
    if complete_since is not None and (row.complete_since is None or complete_since < row.complete_since):
        row.complete_since = complete_since
    session.add(row)
