"""The store door of posting: who holds which posts, what they say, and what became of them.

The discipline of the send ledger: posts are claimed by a token until a moment, no session is open while anybody is
asked, and a result is remembered only where the token still stands. A claim that a dead process left behind
expires, and its post goes out again under the same id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from services.notifier.webhooks.judge import Became, Standing, judge
from shared.archive import search
from shared.moments import SLACK
from shared.store import Store
from shared.subscriptions.elsewhere.events import Matched, matched
from shared.subscriptions.elsewhere.tables import WebhookPostRow, WebhookRow
from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.tables import PersonRow, SubscriptionRow
from shared.subscriptions.words import Kind, State
from shared.web.posting import Answer

CLAIM: Final = timedelta(minutes=10)
FURTHEST: Final = timedelta(days=1)  # that anything is ever put off
NOT_THERE: Final = "the item was taken out"


@dataclass(frozen=True, slots=True)
class Held:
    """A post that is ours for a while: where it goes, and what it says; None where there is nothing to say."""

    id: str
    webhook: str
    url: str
    secret: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts that are ours, in the order in which to send them."""

    token: str
    posts: tuple[Held, ...]


def claim(store: Store, most: int, portal: str) -> Batch | None:
    """Claim the next due posts; None when there are none."""
    with store.reading() as session:
        if session.execute(_due(store.now(session)).limit(1)).first() is None:
            return None
    token = token_hex(16)
    with store.writing() as session:
        now = store.now(session)
        found = _due(now).order_by(col(WebhookPostRow.due_at), col(WebhookPostRow.id)).limit(most)
        ids = session.execute(found.with_for_update(of=WebhookPostRow, skip_locked=True)).scalars().all()
        ours = update(WebhookPostRow).where(col(WebhookPostRow.id).in_(ids))
        session.execute(ours.values(state=State.SENDING, claim=token, claimed_until=now + CLAIM))
        posts = tuple(_held(session, id_, portal) for id_ in ids)
    return Batch(token, posts) if posts else None


def settle(store: Store, batch: Batch, held: Held, answer: Answer) -> Became | None:
    """Remember how a try ended; None where the claim is ours no more."""
    with store.writing() as session:
        now = store.now(session)
        webhook = session.execute(
            select(WebhookRow).where(col(WebhookRow.id) == held.webhook).with_for_update()
        ).scalar_one_or_none()
        row = session.execute(select(WebhookPostRow).where(_ours(batch, held))).scalar_one_or_none()
        if webhook is None or row is None:
            return None
        standing = Standing(webhook.failures, webhook.failing_since, webhook.not_before)
        became = judge(answer, row.attempts, standing, now)
        row.state, row.due_at, row.attempts = became.state, became.due_at, became.attempts
        row.claim = row.claimed_until = None
        row.sent_at = now if became.state is State.SENT else None
        row.error = "" if answer.taken else answer.said
        _stand(session, webhook, became.standing, answer.said, now)
        return became


def drop(store: Store, batch: Batch, held: Held) -> None:
    """There is nothing left to say."""
    _release(store, batch, (held,), state=State.DROPPED, error=NOT_THERE)


def give_back(store: Store, batch: Batch, untried: Sequence[Held]) -> None:
    """These were not tried, and wait as before."""
    if untried:
        _release(store, batch, untried, state=State.PENDING)


def _stand(session: Session, webhook: WebhookRow, became: Standing, said: str, now: datetime) -> None:
    webhook.failures, webhook.failing_since = became.failures, became.failing_since
    webhook.not_before, webhook.tried_at, webhook.said = became.not_before, now, said
    if became.paused and webhook.paused_at is None:
        webhook.paused_at = now
        row = session.get_one(SubscriptionRow, webhook.subscription)
        person = session.get_one(PersonRow, row.person)
        enqueue_own(session, Kind.WEBHOOK, person.id, now, language=row.language, about=row.id)
    session.add(webhook)


def _held(session: Session, id_: str, portal: str) -> Held:
    post = session.get_one(WebhookPostRow, id_)
    webhook = session.get_one(WebhookRow, post.webhook)
    return Held(id_, webhook.id, webhook.url, webhook.secret, _body(session, post, webhook, portal))


def _body(session: Session, post: WebhookPostRow, webhook: WebhookRow, portal: str) -> bytes | None:
    item = search.item(session, post.item_id)
    if item is None:
        return None
    subscription = session.get_one(SubscriptionRow, webhook.subscription)
    page = f"{portal}/{subscription.language}/items/{item.item_id}"
    said = Matched(subscription.id, subscription.query, item.story, item, post.reasons, post.sure, page)
    return matched(post.id, post.created_at, said)


def _due(now: datetime) -> Any:
    """Posts that may go: not of a webhook that is ended, paused or left in peace, nor of a reader's pause."""
    peace, pause = col(WebhookRow.not_before), col(SubscriptionRow.paused_until)
    due_at = col(WebhookPostRow.due_at)
    waits = (col(WebhookPostRow.state) == State.PENDING) & ((due_at <= now) | (due_at > now + FURTHEST + SLACK))
    return (
        select(col(WebhookPostRow.id))
        .join(WebhookRow, col(WebhookRow.id) == col(WebhookPostRow.webhook))
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(WebhookRow.subscription))
        .where(
            waits | _left_behind(now),
            col(WebhookRow.ended_at).is_(None),
            col(WebhookRow.paused_at).is_(None),
            peace.is_(None) | (peace <= now) | (peace > now + FURTHEST + SLACK),
            col(SubscriptionRow.ended_at).is_(None),
            pause.is_(None) | (pause <= now),
        )
    )


def _left_behind(now: datetime) -> ColumnElement[bool]:
    until = col(WebhookPostRow.claimed_until)
    over = (until <= now) | (until > now + CLAIM + SLACK)  # the latter by a clock that was ahead
    return (col(WebhookPostRow.state) == State.SENDING) & over


def _ours(batch: Batch, held: Held) -> ColumnElement[bool]:
    return (col(WebhookPostRow.id) == held.id) & (col(WebhookPostRow.claim) == batch.token)


def _release(store: Store, batch: Batch, posts: Sequence[Held], **values: Any) -> None:
    theirs = update(WebhookPostRow).where(
        col(WebhookPostRow.id).in_([held.id for held in posts]), col(WebhookPostRow.claim) == batch.token
    )
    with store.writing() as session:
        session.execute(theirs.values(claim=None, claimed_until=None, **values))
