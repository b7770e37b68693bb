"""The webhook of a subscription: where its stories are posted to, and the outbox that they wait in.

What is found is put there in the transaction that writes the match; the notifier sends. Every function works in
the caller's session; those that change who is posted to need `version.changing`.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from shared.store.upsert import insert_new
from shared.subscriptions.elsewhere.signature import secret_of
from shared.subscriptions.elsewhere.tables import WebhookPostRow, WebhookRow
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.version import bump
from shared.subscriptions.words import State

OCTETS: Final = 32  # of chance in a secret
KEPT: Final = timedelta(days=30)  # a post, sent or not


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as its owner sees it. `said` is how the last try ended; paused, it waits for its owner."""

    id: str
    subscription: str
    url: str
    made_at: datetime
    ended_at: datetime | None
    paused_at: datetime | None
    failing_since: datetime | None
    tried_at: datetime | None
    said: str


@dataclass(frozen=True, slots=True)
class Post:
    """A story for a webhook: the item that brought it, and why."""

    webhook: str
    item_id: str
    reasons: Sequence[Mapping[str, str]]
    sure: bool


def make(session: Session, subscription: str, url: str, now: datetime) -> str:
    """Post to `url` from now on: the secret that signs. What waits for the address before goes there, too."""
    secret = secret_of(secrets.token_bytes(OCTETS))
    made = WebhookRow(id=secrets.token_hex(8), subscription=subscription, url=url, secret=secret, made_at=now)
    session.add(made)
    session.flush()
    for former in session.exec(select(WebhookRow).where(_of(subscription), WebhookRow.id != made.id)).all():
        former.ended_at = now
        session.add(former)
        moved = update(WebhookPostRow).where(col(WebhookPostRow.webhook) == former.id)
        session.execute(moved.values(webhook=made.id))
    session.flush()
    bump(session)
    return secret


def end(session: Session, subscription: str, now: datetime) -> None:
    """Nothing is posted any more; again changes nothing."""
    for row in session.exec(select(WebhookRow).where(_of(subscription))).all():
        row.ended_at = now
        session.add(row)
        session.execute(delete(WebhookPostRow).where(col(WebhookPostRow.webhook) == row.id))
        bump(session)
    session.flush()


def resume(session: Session, subscription: str) -> None:
    """Its owner says that it works again: what waits goes out now."""
    for row in session.exec(select(WebhookRow).where(_of(subscription)).with_for_update()).all():
        row.paused_at = row.failing_since = row.not_before = None
        row.failures = 0
        session.add(row)
        waits = (col(WebhookPostRow.webhook) == row.id) & (col(WebhookPostRow.state) == State.PENDING)
        session.execute(update(WebhookPostRow).where(waits).values(due_at=WebhookPostRow.created_at, attempts=0))
    session.flush()


def row_of(session: Session, subscription: str) -> WebhookRow | None:
    """The webhook that a subscription has, with its secret."""
    return session.exec(select(WebhookRow).where(_of(subscription))).first()


def webhook_of(session: Session, subscription: str) -> Webhook | None:
    """The same as its owner sees it."""
    row = row_of(session, subscription)
    return _shown(row) if row else None


def webhooks_of(session: Session, person: str) -> Sequence[Webhook]:
    """Every webhook that somebody ever had, the oldest first."""
    rows = select(WebhookRow).where(col(WebhookRow.subscription).in_(_theirs(person)))
    return tuple(map(_shown, session.exec(rows.order_by(col(WebhookRow.made_at))).all()))


def open_webhooks(session: Session) -> Mapping[str, str]:
    """Subscription -> the webhook that it has."""
    rows = select(WebhookRow.subscription, WebhookRow.id).where(col(WebhookRow.ended_at).is_(None))
    return dict(session.exec(rows).all())


def post(session: Session, posts: Sequence[Post], stories: Collection[str], story: str, now: datetime) -> None:
    """Put a story into the outbox of those that did not get it, under whichever of its names."""
    named = col(WebhookPostRow.webhook).in_([each.webhook for each in posts])
    had = select(WebhookPostRow.webhook).where(named, col(WebhookPostRow.story).in_(stories))
    known = set(session.exec(had).all())
    for each in posts:
        if each.webhook not in known:
            insert_new(session, WebhookPostRow, _row(each, story, now).model_dump())


def hand_over(session: Session, subscription: str, successor: str, now: datetime) -> None:
    """The webhook goes on with what takes the place of its subscription, unless that has one."""
    if row_of(session, successor) is not None:
        end(session, subscription, now)
        return
    theirs = update(WebhookRow).where(_of(subscription))
    session.execute(theirs.values(subscription=successor))


def erase(session: Session, person: str) -> None:
    """No trace is left of somebody's webhooks."""
    theirs = select(WebhookRow.id).where(col(WebhookRow.subscription).in_(_theirs(person)))
    session.execute(delete(WebhookPostRow).where(col(WebhookPostRow.webhook).in_(theirs)))
    session.execute(delete(WebhookRow).where(col(WebhookRow.subscription).in_(_theirs(person))))


def forget(session: Session, now: datetime) -> None:
    """Posts that are old, sent or not."""
    session.execute(delete(WebhookPostRow).where(col(WebhookPostRow.created_at) <= now - KEPT))


def _row(said: Post, story: str, now: datetime) -> WebhookPostRow:
    """Its id is the same whenever it is put there, so that a receiver knows it again after a restore, too."""
    return WebhookPostRow(
        id=f"msg_{sha256(f'{said.webhook}/{story}'.encode()).hexdigest()[:32]}",
        webhook=said.webhook,
        story=story,
        item_id=said.item_id,
        reasons=[dict(reason) for reason in said.reasons],
        sure=said.sure,
        state=State.PENDING,
        created_at=now,
        due_at=now,
    )


def _shown(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        subscription=row.subscription,
        url=row.url,
        made_at=row.made_at,
        ended_at=row.ended_at,
        paused_at=row.paused_at,
        failing_since=row.failing_since,
        tried_at=row.tried_at,
        said=row.said,
    )


def _of(subscription: str) -> ColumnElement[bool]:
    return (col(WebhookRow.subscription) == subscription) & col(WebhookRow.ended_at).is_(None)


def _theirs(person: str) -> SelectOfScalar[str]:
    return select(SubscriptionRow.id).where(SubscriptionRow.person == person)
