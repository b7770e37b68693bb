"""The store door of what waits after a restore: asked by the matcher for the items of a batch."""

from collections.abc import Sequence

from sqlmodel import Session, select

from shared.archive.store import first_fetched
from shared.items import ArchivedItem, latest
from shared.journal.restored import RESTORED, Restored
from shared.journal.tables import CatchingUpRow, LineageRow


class Waits:
    """Why mails of these items wait. Read it in the transaction that writes their matches, under its locks."""

    def __init__(self, session: Session, items: Sequence[ArchivedItem]) -> None:
        restored_at = session.exec(select(LineageRow.restored_at)).first()
        self._restored: Restored | None = None
        if restored_at is not None:
            until = session.exec(select(CatchingUpRow.source, CatchingUpRow.until)).all()
            self._restored = Restored(restored_at, dict(until))
            self._fetched = first_fetched(session, [item.item_id for item in items])

    def because(self, item: ArchivedItem) -> str | None:
        """The reason, None where the item may go."""
        if self._restored is None:
            return None
        known_since = latest(self._fetched.get(item.item_id, item.first_seen), item.released_at)
        return RESTORED if self._restored.holds(known_since, item.sources) else None
