"""The store door of letters: what a delivery says, read together with the consent to say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from services.notifier.letters import Entry, Letter, Speaking
from shared.archive.found import FoundItem
from shared.archive.search import item
from shared.subscriptions.open_wishes import open_wishes
from shared.subscriptions.tables import DeliveryRow, MatchRow, MatchSubscriptionRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import DEFAULT_ZONE, Every, Kind, Why

NAMED: Final = 10  # wishes that one confirmation names, the newest


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to send any more, and why."""

    reason: str


def letter_of(session: Session, row: DeliveryRow, now: datetime) -> Letter | Nothing:
    """What the delivery says as of now: subscriptions that ended do not speak, and nobody hears what is gone."""
    if row.kind == Kind.OPERATOR:
        return _note(row)
    person = session.get(PersonRow, row.person) if row.person else None
    if person is None:
        return Nothing("the person was erased")
    return _confirmation(session, row, person, now) if row.kind == Kind.CONFIRM else _items(session, row, person)


def _note(row: DeliveryRow) -> Letter:
    return Letter(
        delivery=row.id,
        kind=Kind.OPERATOR,
        language=row.language,
        recipient=row.recipient or "",
        zone=DEFAULT_ZONE,
        subject=row.subject or "",
        note=row.body or "",
    )


def _confirmation(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | Nothing:
    wishes = open_wishes(session, person.id, now)
    if not wishes:
        return Nothing("the confirmation is not open any more")
    return Letter(
        delivery=row.id,
        kind=Kind.CONFIRM,
        language=row.language,
        recipient=person.address,
        zone=person.zone,
        person=person.id,
        subscriptions=tuple(map(_speaking, wishes[:NAMED])),
        unnamed=len(wishes[NAMED:]),
    )


def _items(session: Session, row: DeliveryRow, person: PersonRow) -> Letter | Nothing:
    matches = session.exec(select(MatchRow).where(MatchRow.delivery_id == row.id).order_by(col(MatchRow.id))).all()
    speaking: dict[str, Speaking] = {}
    entries: list[Entry] = []
    for match in matches:
        voices = _voices(session, match)
        found = item(session, match.item_id) if voices else None
        if found is None:
            continue
        speaking |= {subscription.id: _speaking(subscription) for _, subscription in voices}
        entries.append(_entry(found, [link for link, _ in voices]))
    if not entries:
        return Nothing("the subscription ended, or the items are gone")
    return Letter(
        delivery=row.id,
        kind=Kind(row.kind),
        language=row.language,
        recipient=person.address,
        zone=person.zone,
        person=person.id,
        subscriptions=tuple(speaking.values()),
        entries=tuple(entries),
        slot=row.slot,
    )


def _voices(session: Session, match: MatchRow) -> Sequence[tuple[MatchSubscriptionRow, SubscriptionRow]]:
    """The subscriptions that found the match and are still wanted."""
    query = (
        select(MatchSubscriptionRow, SubscriptionRow)
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(MatchSubscriptionRow.subscription))
        .where(
            MatchSubscriptionRow.match_id == match.id,
            col(SubscriptionRow.confirmed_at).is_not(None),
            col(SubscriptionRow.ended_at).is_(None),
        )
        .order_by(col(SubscriptionRow.requested_at), col(SubscriptionRow.id))
    )
    return session.exec(query).all()


def _entry(found: FoundItem, links: Sequence[MatchSubscriptionRow]) -> Entry:
    whys = dict.fromkeys(Why.model_validate(reason) for link in links for reason in link.reasons)
    return Entry(
        item_id=found.item_id,
        title=found.title,
        url=found.url,
        source=found.source_name or found.source,
        published=found.published or found.first_seen,
        published_on=found.published_on,
        language=found.language,
        summary=found.summary or found.text,
        themes=found.themes,
        organisations=found.organisations,
        sovereignty=found.sovereignty,
        franco_german=found.franco_german,
        model=found.model,
        why=tuple(whys),
        also=found.sources[1:],
    )


def _speaking(row: SubscriptionRow) -> Speaking:
    return Speaking(row.id, row.query, Every(row.every), row.language, row.requested_at)
