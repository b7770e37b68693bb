"""People who were suspended for our sake get what was matched meanwhile: each item once more, for them alone."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from services.notifier.book import book_of
from services.notifier.match import held_because, passed_over, reached
from services.notifier.matching import reach
from shared.archive.store import archived_item
from shared.archive.stories import LOCK
from shared.journal.waits import Waits
from shared.query.match import document_of
from shared.store import Store
from shared.subscriptions.tables import EvaluatedItemRow, SuspensionRow
from shared.subscriptions.version import version


def rematch(store: Store) -> bool:
    """Match for one of them. True when there was somebody."""
    with store.reading() as session:
        if not _undone(session):
            return False
    with store.writing() as session:
        store.serialise(session, LOCK)
        version(session, lock=True)
        for row in _undone(session, lock=True):
            _catch_up(store, session, row)
            session.delete(row)
    return True


def _undone(session: Session, *, lock: bool = False) -> Sequence[SuspensionRow]:
    undone = select(SuspensionRow).where(col(SuspensionRow.undone_at).is_not(None)).limit(1)
    return session.exec(undone.with_for_update() if lock else undone).all()


def _catch_up(store: Store, session: Session, row: SuspensionRow) -> None:
    since = select(EvaluatedItemRow.item_id).where(col(EvaluatedItemRow.at) >= row.since)
    ids = session.exec(since.order_by(col(EvaluatedItemRow.at), col(EvaluatedItemRow.item_id))).all()
    found = [item for id_ in ids if (item := archived_item(session, id_)) is not None and not passed_over(item)]
    book, waits = book_of(session, row.person), Waits(session, found)
    for item in found:
        now, document = store.now(session), document_of(item)
        people = reached(item, document, book.matching(document), now)
        reach(session, item, people, now, held_because(item, now, waits.because(item)), book.webhooks)
