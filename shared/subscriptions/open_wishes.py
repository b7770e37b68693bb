"""Wishes that nobody confirmed yet, and the mails that ask whether they are wanted.

Anybody can type anybody's address. So a mailbox gets few of these mails a day, and each names every open wish, the
newest first: a stranger's wish stands beside one's own and hides nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, delete, select, update

from shared.subscriptions.ledger import enqueue_confirmation
from shared.subscriptions.links import CONFIRM_WITHIN
from shared.subscriptions.rows import choose, options_of
from shared.subscriptions.tables import DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.wishes import Wish
from shared.subscriptions.words import Kind, State

MAILS: Final = 5  # to a mailbox in a day; the next one goes when the first of them is a day old
DAY: Final = timedelta(hours=24)
MOST: Final = 50  # open wishes of one person; a further one takes the place of the oldest


def open_wishes(session: Session, person: str, now: datetime) -> Sequence[SubscriptionRow]:
    """The person's wishes whose links still hold, the newest first."""
    wishes = select(SubscriptionRow).where(
        SubscriptionRow.person == person,
        col(SubscriptionRow.confirmed_at).is_(None),
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.requested_at) > now - CONFIRM_WITHIN,
    )
    newest_first = col(SubscriptionRow.requested_at).desc(), col(SubscriptionRow.id)
    return session.exec(wishes.order_by(*newest_first)).all()


def new_wish(
    session: Session, person: PersonRow, wish: Wish, now: datetime, group: str | None = None
) -> SubscriptionRow:
    """A subscription that waits for its confirmation."""
    row = SubscriptionRow(
        id=token_hex(8),
        person=person.id,
        query=wish.query,
        every=wish.every,
        language=wish.language,
        requested_at=now,
        group_name=group,
    )
    choose(row, wish.options)
    session.add(row)
    session.flush()
    return row


def keep(session: Session, person: PersonRow, wish: Wish, now: datetime) -> SubscriptionRow:
    """The open wish that is this one, asked for anew, or a new one."""
    known = open_wishes(session, person.id, now)
    asked = (wish.query, wish.every, wish.language, wish.options)
    for row in known:
        if (row.query, row.every, row.language, options_of(row)) == asked:
            row.requested_at = now
            session.add(row)
            session.flush()
            return row
    for row in known[MOST - 1 :]:
        drop(session, row, now)
    return new_wish(session, person, wish, now)


def ask(session: Session, wish: SubscriptionRow, mailbox: str, now: datetime) -> None:
    """A mail that asks for it, unless one waits that nobody can have got: it names the wish when it goes."""
    waiting = select(DeliveryRow.id).where(
        DeliveryRow.person == wish.person,
        DeliveryRow.kind == Kind.CONFIRM,
        DeliveryRow.state == State.PENDING,
        DeliveryRow.unknown == 0,  # else it may lie there already, and providers drop the second of one Message-ID
    )
    if session.exec(waiting.with_for_update()).first() is None:  # locked: it is not sent before this wish is there
        enqueue_confirmation(session, wish, now, due_at=_allowed_at(session, wish.person, mailbox, now))


def drop(session: Session, row: SubscriptionRow, now: datetime) -> Sequence[str]:
    """Remove a wish with its mail: there can be no match of it. Returns the ids of the mails.

    A mail that waits stays for the person's other open wishes, which it would have named.
    """
    others = [other for other in open_wishes(session, row.person, now) if other.id != row.id]
    mails = select(DeliveryRow.id).where(DeliveryRow.subscription == row.id)
    if others:
        waiting = update(DeliveryRow).where(
            col(DeliveryRow.subscription) == row.id, col(DeliveryRow.state) == State.PENDING
        )
        session.execute(waiting.values(subscription=others[0].id))
    gone = session.exec(mails).all()
    session.execute(delete(DeliveryRow).where(col(DeliveryRow.id).in_(gone)))
    session.delete(row)
    session.flush()
    return gone


def _allowed_at(session: Session, person: str, mailbox: str, now: datetime) -> datetime:
    """When the next confirmation mail to a mailbox may go. What never arrived burdened nobody."""
    theirs = select(PersonRow.id).where((col(PersonRow.id) == person) | (col(PersonRow.mailbox) == mailbox))
    went = func.coalesce(col(DeliveryRow.sent_at), col(DeliveryRow.due_at))
    counted = select(went).where(
        DeliveryRow.kind == Kind.CONFIRM,
        col(DeliveryRow.state).not_in((State.FAILED, State.DROPPED)),
        col(DeliveryRow.person).in_(theirs),
        went > now - DAY,
    )
    times = sorted(session.exec(counted).all())
    return now if len(times) < MAILS else times[-MAILS] + DAY
