"""The store door of ways beside the mails that were ended: who ends the address of a feed, or a webhook, does so
because of who has it, so a restored store must not open it again.

Ends are found by their moments: they bear no number as the lines of the consent record do. What a transaction
wrote late, or a clock that was put right, is found by looking a while further back than the last look.
"""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select, update

from shared.journal.lines import About, Entry, Said, entry
from shared.subscriptions.elsewhere import webhooks
from shared.subscriptions.elsewhere.tables import SecretFeedRow, WebhookRow

BEFORE: Final = timedelta(minutes=10)


def ended_ways(session: Session, since: datetime | None, key: bytes) -> list[Entry]:
    """What ended after `since` less a while; all that ever ended where that is None."""
    feeds = select(SecretFeedRow.token_hash).where(col(SecretFeedRow.ended_at).is_not(None))
    hooks = select(WebhookRow.id).where(col(WebhookRow.ended_at).is_not(None))
    if since is not None:
        feeds = feeds.where(col(SecretFeedRow.ended_at) > since - BEFORE)
        hooks = hooks.where(col(WebhookRow.ended_at) > since - BEFORE)
    return [
        *(entry(key, Said.ENDED, name, About.FEED) for name in session.exec(feeds).all()),
        *(entry(key, Said.ENDED, id_, About.WEBHOOK) for id_ in session.exec(hooks).all()),
    ]


def open_feeds(session: Session, known: Set[Entry], key: bytes) -> tuple[str, ...]:
    """Feeds whose address is open here although the journal knows that it ended, by its name."""
    names = session.exec(select(SecretFeedRow.token_hash).where(col(SecretFeedRow.ended_at).is_(None))).all()
    return tuple(name for name in names if entry(key, Said.ENDED, name, About.FEED) in known)


def open_hooks(session: Session, known: Set[Entry], key: bytes) -> tuple[str, ...]:
    """Subscriptions that post to a webhook here although the journal knows that it ended."""
    return tuple(
        subscription
        for subscription, id_ in webhooks.open_webhooks(session).items()
        if entry(key, Said.ENDED, id_, About.WEBHOOK) in known
    )


def end_again(session: Session, feeds: tuple[str, ...], hooks: tuple[str, ...], now: datetime) -> None:
    """What waited for these webhooks goes with them."""
    session.execute(update(SecretFeedRow).where(col(SecretFeedRow.token_hash).in_(feeds)).values(ended_at=now))
    for subscription in hooks:
        webhooks.end(session, subscription, now)
