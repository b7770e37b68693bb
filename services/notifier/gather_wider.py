"""The store door of the notice about weeks without a find: what is silent still, and which terms find."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.notifier.letters import Letter, Offer
from services.notifier.stories import speaking
from shared.subscriptions.leaving import successor
from shared.subscriptions.tables import DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.widening import EMPTY, offers, still_empty, subject
from shared.subscriptions.words import Kind


def wider_letter(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | str:
    """The letter, or why there is nothing to say any more. What was replaced meanwhile speaks by its successor."""
    named = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(row.about.split()))
    later = {successor(session, each).id for each in session.exec(named).all()}
    rows = still_empty(session, sorted(later), now)
    if not rows:
        return "something was found, or nothing is searched for any more"
    found = {each.id: offers(session, each.query, now) for each in rows}
    return Letter(
        delivery=row.id,
        kind=Kind(row.kind),
        language=row.language,
        recipient=person.address,
        zone=person.zone,
        day=row.created_at.date(),
        person=person.id,
        subscriptions=tuple(map(speaking, rows)),
        until=row.created_at + EMPTY,
        offers={
            id_: tuple(Offer(each.query, each.count, subject(id_, each.query)) for each in some)
            for id_, some in found.items()
        },
    )
