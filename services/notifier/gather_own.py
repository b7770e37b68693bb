"""The store door of the notices of self-service: what each is about, as long as there is something to say."""

from dataclasses import dataclass
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
LOOKED_AFTER: Final = timedelta(days=7)  # the link to a webhook that was paused
LATE: Final = timedelta(hours=1)  # a link that would not hold for so long is not mailed any more


@dataclass(frozen=True, slots=True)
class _Matter:
    """What a notice is about: what its link stands for, until when that holds, and the subscriptions it names."""

    about: str
    until: datetime | None = None
    subscriptions: tuple[SubscriptionRow, ...] = ()


def own_letter(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | str:
    """The letter, or why there is nothing to say any more."""
    found = _matter(session, row, person)
    if isinstance(found, str):
        return found
    if found.until is not None and found.until - now < LATE:
        return "its link would be too old"
    return Letter(
        delivery=row.id,
        kind=Kind(row.kind),
        language=row.language,
        recipient=row.recipient or person.address,
        zone=person.zone,
        day=row.created_at.date(),
        person=person.id,
        subscriptions=tuple(map(speaking, found.subscriptions[:NAMED])),
        about=found.about,
        until=found.until,
    )


def _matter(session: Session, row: DeliveryRow, person: PersonRow) -> _Matter | str:
    at_once = f"{person.id}-{row.id}"
    match Kind(row.kind):
        case Kind.LINKS:
            return _Matter(at_once, row.created_at + HOLDS)
        case Kind.LEFT:
            ended = tuple(ended_by(session, row.id))
            return _Matter(row.id, row.created_at + BACK_WITHIN, ended) if ended else "what had ended goes on"
        case Kind.MOVE:
            change = session.get(AddressChangeRow, row.about)
            if change is None:
                return "the change of address is done, or was asked for anew"
            return _Matter(change.id, change.requested_at + CONFIRM_WITHIN)
        case Kind.WEBHOOK:
            theirs = tuple(one for one in active_rows(session, person.id) if one.id == row.about)
            until = row.created_at + LOOKED_AFTER
            return _Matter(at_once, until, theirs) if theirs else "the subscription has ended"
        case Kind.KEEP:
            going = tuple(active_rows(session, person.id))
            return _Matter(at_once, None, going) if going else "nothing is left to keep"
    return _Matter(row.id)
