"""The store door of what must not be forgotten: read out of the consent record, and done again after a restore."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from shared.journal.lines import Entry, Said, entry, standing
from shared.journal.ways import end_again, open_feeds, open_hooks
from shared.subscriptions import lifecycle
from shared.subscriptions.keys import Keys
from shared.subscriptions.leaving import REPLACED, predecessors
from shared.subscriptions.people import erase_person
from shared.subscriptions.suspensions import suspend_again, suspended
from shared.subscriptions.tables import ConsentRow, PersonRow, SubscriptionRow
from shared.subscriptions.words import Consent

ORIGIN: Final = "journal"

_SAYS: Final = {
    Consent.ENDED: Said.ENDED,
    Consent.SUSPENDED: Said.SUSPENDED,
    Consent.RESUMED: Said.RESUMED,
    Consent.ERASED: Said.ERASED,
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the journal knows and the store does not: subscriptions that ended or were suspended, people who were
    erased, by id; addresses of feeds that ended, by name, and webhooks, by their subscription.
    """

    ended: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(map(len, astuple(self)))


def endings(session: Session, after: int, key: bytes) -> Iterator[tuple[int, Entry]]:
    """(number, entry) of the consent record's lines with a higher number that end something, in order.

    Who was replaced did not leave: a backup that does not know the successor goes on with the predecessor. It ends
    with its successor.

    Who writes such a line holds the lock of `shared.subscriptions.version`, so that none comes in late with a
    lower number.
    """
    found = (
        select(ConsentRow.id, ConsentRow.event, ConsentRow.person, ConsentRow.subscription)
        .where(
            col(ConsentRow.id) > after,
            col(ConsentRow.event).in_(_SAYS),
            (ConsentRow.event != Consent.ENDED) | (ConsentRow.reason != REPLACED),
        )
        .order_by(col(ConsentRow.id))
    )
    lines = session.exec(found).all()
    former = predecessors(session, {person for _, event, person, _ in lines if event == Consent.ENDED})
    for number, event, person, subscription in lines:
        said = _SAYS[Consent(event)]
        yield number or 0, entry(key, said, person if said is Said.ERASED else subscription)
        if said is Said.ENDED:
            yield from ((number or 0, entry(key, said, id_)) for id_ in former.get(subscription, ()))


def forgotten(session: Session, entries: Sequence[Entry], key: bytes) -> Forgotten:
    """What of the journal's entries does not hold in the store: subscriptions run on, people are there."""
    if not entries:
        return Forgotten()
    known = frozenset(standing(entries).values())
    people = session.exec(select(PersonRow.id)).all()
    unended = select(SubscriptionRow.id).where(col(SubscriptionRow.ended_at).is_(None))
    running = session.exec(unended).all()
    written_to = session.exec(unended.where(col(SubscriptionRow.person).not_in(suspended()))).all()
    suspended_then = tuple(id_ for id_ in written_to if entry(key, Said.SUSPENDED, id_) in known)
    return Forgotten(
        ended=tuple(id_ for id_ in running if entry(key, Said.ENDED, id_) in known),
        suspended=_not_lifted(session, suspended_then, entries, key),
        erased=tuple(id_ for id_ in people if entry(key, Said.ERASED, id_) in known),
        feeds=open_feeds(session, known, key),
        hooks=open_hooks(session, known, key),
    )


def _not_lifted(
    session: Session, subscriptions: Sequence[str], entries: Sequence[Entry], key: bytes
) -> tuple[str, ...]:
    """Those whose suspension the store never heard of. That of the others was lifted since the journal knew."""
    said = Counter(each for each in entries if each.said is Said.SUSPENDED)
    lines = select(ConsentRow.subscription).where(
        col(ConsentRow.subscription).in_(subscriptions), ConsentRow.event == Consent.SUSPENDED
    )
    heard = Counter(session.exec(lines).all())
    return tuple(id_ for id_ in subscriptions if heard[id_] < said[entry(key, Said.SUSPENDED, id_)])


def replay(session: Session, what: Forgotten, now: datetime, keys: Keys) -> tuple[str, ...]:
    """End, suspend and erase again. Returns the ids of the mails of those who were erased: their files go, too."""
    rows = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.id).in_(what.ended))).all()
    lifecycle.end(session, rows, now, keys=keys, reason="ended before the database was restored", origin=ORIGIN)
    suspend_again(session, what.suspended, now, keys=keys, origin=ORIGIN)
    end_again(session, what.feeds, what.hooks, now)
    return tuple(
        mail
        for person in what.erased
        for mail in erase_person(session, person, now, keys=keys, reason="erased before the database was restored")
    )
