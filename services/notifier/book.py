"""The active subscriptions of one version, parsed and indexed: what a matcher keeps in memory between items."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.notifier.match import Known
from shared.errors import QueryError
from shared.query.index import SubscriptionIndex
from shared.query.match import Document
from shared.query.syntax import parse
from shared.subscriptions.elsewhere.webhooks import open_webhooks
from shared.subscriptions.options import Strength
from shared.subscriptions.suspensions import suspended
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.version import version
from shared.subscriptions.words import Every

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Book:
    """The subscriptions that write to somebody, as they stood at `version`; `unread` cannot be read.

    `webhooks` are those that some of them have, by subscription.
    """

    version: int
    known: Mapping[str, Known]
    index: SubscriptionIndex[str]
    unread: Sequence[str] = ()
    webhooks: Mapping[str, str] = field(default_factory=dict)

    def matching(self, document: Document) -> Iterable[Known]:
        """The subscriptions whose query finds the document."""
        return (self.known[id_] for id_ in self.index.matching(document))


def load_book(session: Session) -> Book:
    """Read these subscriptions; the version first: a change in between makes the book old, not wrong."""
    at = version(session)
    return _book(at, session.exec(_writing()).all(), open_webhooks(session))


def book_of(session: Session, person: str) -> Book:
    """The same of one person."""
    theirs = session.exec(_writing().where(SubscriptionRow.person == person)).all()
    return _book(version(session), theirs, open_webhooks(session))


def _writing() -> SelectOfScalar[SubscriptionRow]:
    return select(SubscriptionRow).where(
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.person).not_in(suspended()),
    )


def _book(at: int, rows: Sequence[SubscriptionRow], webhooks: Mapping[str, str]) -> Book:
    known = {each.id: each for row in rows if (each := _known(row))}
    unread = tuple(row.id for row in rows if row.id not in known)
    return Book(at, known, SubscriptionIndex((each.id, each.query) for each in known.values()), unread, webhooks)


def _known(row: SubscriptionRow) -> Known | None:
    try:
        query = parse(row.query)
    except QueryError as error:  # it was right when it was stored: the grammar or the themes have changed since
        log.warning("subscription cannot be read", extra={"subscription": row.id, "reason": str(error)})
        return None
    assert row.confirmed_at is not None  # selected so
    return Known(row.id, row.person, Every(row.every), row.confirmed_at, query, Strength(row.strength))
