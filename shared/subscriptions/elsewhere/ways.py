"""All ways of a subscription beside its mails, where they share a fate."""

from datetime import datetime

from sqlmodel import Session

from shared.subscriptions.elsewhere import feeds, webhooks


def hand_over(session: Session, subscription: str, successor: str, now: datetime) -> None:
    """What takes the place of a subscription goes on with its ways."""
    feeds.hand_over(session, subscription, successor)
    webhooks.hand_over(session, subscription, successor, now)


def erase(session: Session, person: str) -> None:
    """No trace is left of somebody's."""
    feeds.erase(session, person)
    webhooks.erase(session, person)
