"""Mails that wait for a person: one that gathers what an operator must look at, and a hold on all that is open."""

from datetime import datetime

from sqlmodel import Session, col, select, update

from shared.subscriptions.ledger import new_id
from shared.subscriptions.tables import DeliveryRow, MatchRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Kind, State


def gathering_mail(session: Session, person: str, story: str, now: datetime, reason: str) -> str:
    """The held mail that gathers what waits for this reason for a person, until an operator decides. Its id."""
    waiting = select(DeliveryRow.id).where(
        DeliveryRow.person == person,
        DeliveryRow.state == State.HELD,
        col(DeliveryRow.late).is_(True),
        DeliveryRow.error == reason,
    )
    if found := session.exec(waiting.with_for_update()).first():  # an operator may be releasing it
        return found
    row = DeliveryRow(
        id=new_id(),
        key=f"late/{person}/{story}",
        kind=Kind.INSTANT,
        state=State.HELD,
        person=person,
        language=session.get_one(PersonRow, person).language,
        late=True,
        created_at=now,
        due_at=now,
        error=reason,
    )
    session.add(row)
    session.flush()
    return row.id


def hold_open(session: Session, now: datetime, reason: str) -> None:
    """Hold every mail that may leave: matches that wait for theirs are gathered, deliveries that are open stop.

    The matches come first: an assignment that has them in hand is waited for, and its deliveries are then held.
    """
    without = select(MatchRow).where(col(MatchRow.delivery_id).is_(None)).order_by(col(MatchRow.id))
    for match in session.exec(without.with_for_update()).all():
        match.delivery_id = gathering_mail(session, match.person, match.story, now, reason)
        session.add(match)
    session.flush()
    open_ = col(DeliveryRow.state).in_((State.PENDING, State.SENDING))
    owed = update(SubscriptionRow).where(col(SubscriptionRow.introduce_at).is_not(None))
    session.execute(owed.values(introduce_at=None))  # a first mail may have gone since: nobody needs it twice
    held = {"state": State.HELD, "error": reason, "claim": None, "claimed_by": None, "claimed_until": None}
    session.execute(update(DeliveryRow).where(open_).values(**held))
