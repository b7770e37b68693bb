"""Complaints: a reader told their provider that our mail is unwanted. That ends everything.

The address stays suppressed by its keyed hash: only its reader's own confirmation, or an operator who says so by
name, lets mails go there again.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.subscriptions.keys import Keys
from shared.subscriptions.lifecycle import end
from shared.subscriptions.suspensions import COMPLAINT, Suspension, suppress
from shared.subscriptions.tables import ConsentRow, PersonRow, SubscriptionRow
from shared.subscriptions.version import lock

REASON: Final = "a complaint about mail"


def complained(session: Session, person: str, now: datetime, *, keys: Keys, delivery: str, origin: str) -> bool:
    """Somebody complained about this mail; of one mail it counts once. False where it did before.

    It ends what was confirmed after the mail, too: who calls an old mail unwanted does not wait for a new one.
    """
    lock(session)
    row, reason = session.get(PersonRow, person), f"{REASON} {delivery}"
    said = select(ConsentRow.id).where(ConsentRow.person == person, ConsentRow.reason == reason)
    if row is None or session.exec(said).first() is not None:
        return False
    suppress(session, row, keys, Suspension(now, COMPLAINT, "its reader called our mail unwanted"), delivery, now)
    theirs = select(SubscriptionRow).where(
        SubscriptionRow.person == person, col(SubscriptionRow.ended_at).is_(None)
    )
    end(session, session.exec(theirs).all(), now, keys=keys, reason=reason, origin=origin)
    return True
