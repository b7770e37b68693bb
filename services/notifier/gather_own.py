"""The store door of the notices of self-service: what each is about, as long as there is something to say."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from services.notifier.letters import Letter
from services.notifier.stories import speaking
from shared.subscriptions.lifecycle import active_rows
from shared.subscriptions.links import CONFIRM_WITHIN
from shared.subscriptions.own import BACK_WITHIN, HOLDS, ended_by
from shared.subscriptions.tables import AddressChangeRow, DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Kind

NAMED: Final = 20  # subscriptions that a notice names
LATE: Final = timedelta(hours=1)  # a link that would not hold for so long is not mailed any more


def own_letter(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | str:
    """The letter, or why there is nothing to say any more."""
    kind = Kind(row.kind)
    subscriptions: tuple[SubscriptionRow, ...] = ()
    about, until = row.id, None
    match kind:
        case Kind.LINKS:
            about, until = f"{person.id}-{row.id}", row.created_at + HOLDS
        case Kind.LEFT:
            subscriptions, until = tuple(ended_by(session, row.id)), row.created_at + BACK_WITHIN
            if not subscriptions:
                return "what had ended goes on"
        case Kind.MOVE:
            change = session.get(AddressChangeRow, row.about)
            if change is None:
                return "the change of address is done, or was asked for anew"
            about, until = change.id, change.requested_at + CONFIRM_WITHIN
        case Kind.KEEP:
            about = f"{person.id}-{row.id}"
            subscriptions = tuple(active_rows(session, person.id))
            if not subscriptions:
                return "nothing is left to keep"
    if until is not None and until - now < LATE:
        return "its link would be too old"
    zone = person.zone
    return Letter(
        delivery=row.id,
        kind=kind,
        language=row.language,
        recipient=row.recipient or person.address,
        zone=zone,
        day=row.created_at.date(),
        person=person.id,
        subscriptions=tuple(map(speaking, subscriptions[:NAMED])),
        about=about,
        until=until,
    )
