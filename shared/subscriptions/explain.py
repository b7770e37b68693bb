"""Why an item reached a person, or why not: for operators, and for the person who asks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from shared.archive.store import archived_item
from shared.archive.stories import story_ids
from shared.errors import NotFound, QueryError
from shared.items import ArchivedItem
from shared.query.match import Finding, document_of, matches, why
from shared.query.syntax import parse
from shared.subscriptions.people import find
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.suspensions import suspension_of
from shared.subscriptions.tables import DeliveryRow, EvaluatedItemRow, MatchRow, SubscriptionRow
from shared.subscriptions.words import Every, State


class Obstacle(StrEnum):
    """Why a subscription does not bring an item although it might."""

    NONE = ""
    QUERY = "the query does not find it"
    UNREAD = "the query cannot be read any more, so that it finds nothing"
    PENDING = "the subscription is not confirmed"
    ENDED = "the subscription has ended"
    SUSPENDED = "mails to the address came back, so that nothing is sent to it"
    EARLIER = "the item was first seen before the subscription was confirmed"


@dataclass(frozen=True, slots=True)
class Voice:
    """What one subscription says of the item, leaf by leaf of its query."""

    subscription: Subscription
    obstacle: Obstacle
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An item and a person. `by_item` is the member of the story that the match is about, `state` its mail's.

    `evaluated_at` is None while the item was not matched; `bulk` says that it never will be, unless released.
    """

    item_id: str
    person: str
    bulk: bool
    evaluated_at: datetime | None
    voices: tuple[Voice, ...]
    matched_at: datetime | None = None
    by_item: str | None = None
    every: Every | None = None
    delivery: str | None = None
    state: State | None = None
    sent_at: datetime | None = None


def explain(session: Session, item_id: str, address: str) -> Explanation:
    """Why the item reached the person of `address`, or why not. Raises BadAddress or NotFound."""
    person = find(session, address)
    item = archived_item(session, item_id)
    if item is None:
        raise NotFound(f"the archive has no item {item_id!r}")
    evaluated = session.get(EvaluatedItemRow, item_id)
    match = _match(session, person.id, item)
    mail = session.get(DeliveryRow, match.delivery_id) if match and match.delivery_id else None
    return Explanation(
        item_id=item_id,
        person=person.id,
        bulk=item.entered_in_bulk and item.released_at is None,
        evaluated_at=evaluated.at if evaluated else None,
        voices=tuple(_voice(session, subscription, item) for subscription in person.subscriptions),
        matched_at=match.matched_at if match else None,
        by_item=match.item_id if match else None,
        every=Every(match.every) if match else None,
        delivery=mail.id if mail else None,
        state=State(mail.state) if mail else None,
        sent_at=mail.sent_at if mail else None,
    )


def _match(session: Session, person: str, item: ArchivedItem) -> MatchRow | None:
    stories = story_ids(session, item.story)
    found = select(MatchRow).where(MatchRow.person == person, col(MatchRow.story).in_(stories))
    return session.exec(found.order_by(col(MatchRow.id))).first()


def _voice(session: Session, subscription: Subscription, item: ArchivedItem) -> Voice:
    document = document_of(item)
    try:
        query = parse(subscription.query)
    except QueryError:  # the grammar has changed since it was stored
        return Voice(subscription, Obstacle.UNREAD, ())
    row = session.get_one(SubscriptionRow, subscription.id)
    if not matches(query, document):
        obstacle = Obstacle.QUERY
    elif row.ended_at is not None:
        obstacle = Obstacle.ENDED
    elif row.confirmed_at is None:
        obstacle = Obstacle.PENDING
    elif suspension_of(session, subscription.person):
        obstacle = Obstacle.SUSPENDED
    else:
        obstacle = Obstacle.EARLIER if item.first_seen < row.confirmed_at else Obstacle.NONE
    return Voice(subscription, obstacle, why(query, document))
