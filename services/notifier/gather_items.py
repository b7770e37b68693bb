"""The store door of mails about items that they name: those that changed, and a sample that somebody asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.notifier.letters import Entry, Letter
from services.notifier.still import Still, Voice, still
from services.notifier.stories import Told, entry_of, speaking
from services.notifier.updates import News, wishes_of
from shared.archive.holdings import load
from shared.errors import QueryError
from shared.query.match import document_of
from shared.query.syntax import parse
from shared.subscriptions.reasons import reasons
from shared.subscriptions.tables import DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Kind, Why


def items_letter(session: Session, row: DeliveryRow, person: PersonRow, now: datetime) -> Letter | str:
    """The letter, or why there is nothing to say any more."""
    named = row.about.split()
    if row.kind == Kind.SAMPLE:
        subscription = session.get(SubscriptionRow, named[0])
        if subscription is None or subscription.ended_at is not None:
            return "the subscription has ended"
        return _letter(row, person, [subscription], _sample(session, subscription, named[1:]))
    found = _updated(session, named, person.id, now)
    if not found:
        return "nothing changed after all, or nobody wants to hear of it any more"
    speaking_ = list({each.id: each for _, each in found}.values())
    return _letter(row, person, speaking_, [entry for entry, _ in found])


def _letter(
    row: DeliveryRow, person: PersonRow, subscriptions: Sequence[SubscriptionRow], entries: Sequence[Entry]
) -> Letter | str:
    if not entries:
        return "what it was about was taken out"
    return Letter(
        delivery=row.id,
        kind=Kind(row.kind),
        language=row.language,
        recipient=person.address,
        zone=person.zone,
        day=row.created_at.date(),
        person=person.id,
        subscriptions=tuple(map(speaking, subscriptions)),
        entries=tuple(entries),
    )


def _sample(session: Session, subscription: SubscriptionRow, items: Sequence[str]) -> Sequence[Entry]:
    held = load(session, items)
    entries = []
    for item_id in items:
        if item_id in held:
            item = held[item_id].state()
            try:
                why: tuple[Why, ...] = reasons(parse(subscription.query), item, document_of(item))
            except QueryError:  # the grammar has changed since it was asked for
                why = ()
            entries.append(entry_of(Told(held[item_id], Still(item, (speaking(subscription),), why), ())))
    return entries


def _updated(
    session: Session, items: Sequence[str], person: str, now: datetime
) -> Sequence[tuple[Entry, SubscriptionRow]]:
    """What is news in those of the items that their subscription still finds, with the subscription."""
    held, news, found = load(session, items), News(session), []
    for wish in wishes_of(session, items, now, person):
        row, paused = wish.subscription, wish.subscription.paused_until
        said = news.of(wish)
        if said is None or wish.item not in held or (paused is not None and paused > now):
            continue
        voice = Voice(speaking(row), row.requested_at, ())
        shown = still((voice,), (held[wish.item].state(),))
        if shown is not None:
            entry = entry_of(Told(held[wish.item], shown, ()))
            found.append((replace(entry, summary="", added=said.added, removed=said.removed), row))
    return found
