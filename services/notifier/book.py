"""The active subscriptions of one version, parsed and indexed: what a matcher keeps in memory between items.

When some of them change, these alone are read anew: of a hundred thousand few do from one item to the next.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

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


class _Stored(NamedTuple):
    """What is stored of a subscription, as far as it matters here."""

    id: str
    person: str
    every: str
    confirmed_at: datetime
    text: str
    strength: str


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


def load_book(session: Session, book: Book | None = None) -> Book:
    """Read these subscriptions; the version first: a change in between makes the book old, not wrong.

    A `book` of before is brought up to date and must not be used any more.
    """
    at = version(session)
    return _book(at, _writing(session), open_webhooks(session), book or Book(0, {}, SubscriptionIndex()))


def book_of(session: Session, person: str) -> Book:
    """The same of one person."""
    theirs = _writing(session, SubscriptionRow.person == person)
    return _book(version(session), theirs, open_webhooks(session), Book(0, {}, SubscriptionIndex()))


def _writing(session: Session, *which: Any) -> Sequence[_Stored]:
    columns = select(  # type: ignore[call-overload]  # it knows four columns at most
        SubscriptionRow.id,
        SubscriptionRow.person,
        SubscriptionRow.every,
        SubscriptionRow.confirmed_at,
        SubscriptionRow.query,
        SubscriptionRow.strength,
    )
    wanted = columns.where(
        col(SubscriptionRow.confirmed_at).is_not(None),
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.person).not_in(suspended()),
        *which,
    )
    return [_Stored(*row) for row in session.exec(wanted)]


def _book(at: int, rows: Sequence[_Stored], webhooks: Mapping[str, str], before: Book) -> Book:
    known, index, unread = dict[str, Known](), before.index, list[str]()
    for row in rows:
        same = before.known.get(row.id)
        if same is None or _stored(same) != row:
            same = _known(row)
            if same is None:
                unread.append(row.id)
                continue
            index.add(row.id, same.query)
        known[row.id] = same
    for id_ in before.known.keys() - known.keys():
        index.remove(id_)
    return Book(at, known, index, tuple(unread), webhooks)


def _stored(known: Known) -> _Stored:
    return _Stored(known.id, known.person, known.every, known.confirmed_at, known.text, known.strength)


def _known(row: _Stored) -> Known | None:
    try:
        query = parse(row.text)
    except QueryError as error:  # it was right when it was stored: the grammar or the themes have changed since
        log.warning("subscription cannot be read", extra={"subscription": row.id, "reason": str(error)})
        return None
    strength = Strength(row.strength)
    return Known(row.id, row.person, Every(row.every), row.confirmed_at, query, strength, row.text)
