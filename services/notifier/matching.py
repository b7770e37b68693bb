"""The store door of matching: archived items become matches, each item once, each story once per person.

What an item matched is found outside the transaction, with the subscriptions in memory; the transaction reads
their version again, and finds anew if it changed. "Evaluated" and the matches are written together: a replay
changes nothing.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from services.notifier.book import Book, load_book
from services.notifier.match import Found, Reached, held_because, passed_over, reached
from shared.archive.stories import LOCK, story_ids
from shared.bus import Outcome, Record
from shared.events import decode
from shared.items import ArchivedItem
from shared.journal.waits import Waits
from shared.query.match import document_of
from shared.store import Store
from shared.store.upsert import insert_new
from shared.subscriptions.elsewhere.webhooks import Post, post
from shared.subscriptions.held import gathering_mail
from shared.subscriptions.matches import settle
from shared.subscriptions.tables import EvaluatedItemRow, MatchRow, MatchSubscriptionRow
from shared.subscriptions.version import version
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice, withdraw
from shared.telemetry.told import told

log = logging.getLogger(__name__)

UNREAD: Final = "subscriptions.unread"


class Matcher:
    """The handler over `items.archived`. Lives in one thread, which owns its book of subscriptions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._book: Book | None = None
        self._told: Book | None = None  # whose unread subscriptions operators know of
        self.again: Sequence[ArchivedItem] = ()  # of the last batch, those that were matched before it

    def handle(self, records: Sequence[Record]) -> Outcome:
        """Raises Unprocessable for an event that cannot be read, StoreUnavailable."""
        items = [decode(record, ArchivedItem)[0] for record in records]
        self.match([item for item in items if not passed_over(item)])
        return Outcome()

    def match(self, items: Sequence[ArchivedItem]) -> None:
        """Write the matches of items that were not evaluated before."""
        fresh, now = self._unevaluated(items)
        new = {item.item_id for item in fresh}
        self.again = [item for item in items if item.item_id not in new]
        if not fresh:
            return
        self._look()
        found = self._find(fresh, now)
        with self._store.writing() as session:
            self._store.serialise(session, LOCK)  # first: matchers then never share the version's lock for long
            if version(session, lock=True) != self._current().version:
                self._book = load_book(session, self._book)
                found = self._find(fresh, now)
            self._tell(session)
            waits = Waits(session, fresh)
            for item, people in zip(fresh, found, strict=True):
                now = self._store.now(session)
                held = held_because(item, now, waits.because(item))
                _remember(session, item, people, now, held, self._current().webhooks)
        self._told = self._book

    def _unevaluated(self, items: Sequence[ArchivedItem]) -> tuple[Sequence[ArchivedItem], datetime]:
        """Spares a replay the work on old acquaintances; the transaction looks again. And the present moment."""
        with self._store.reading() as session:
            ids = [item.item_id for item in items]
            known = set(
                session.exec(select(EvaluatedItemRow.item_id).where(col(EvaluatedItemRow.item_id).in_(ids)))
            )
            now = self._store.now(session)
        return [item for item in items if item.item_id not in known], now

    def _find(self, items: Sequence[ArchivedItem], now: datetime) -> Sequence[Sequence[Reached]]:
        book = self._current()
        documents = [document_of(item) for item in items]
        return [reached(item, doc, book.matching(doc), now) for item, doc in zip(items, documents, strict=True)]

    def _tell(self, session: Session) -> None:
        """Whoever asked for what cannot be read any more gets nothing, and would never know why."""
        book = self._current()
        if book is self._told:
            return
        if book.unread:
            reason = told(UNREAD, n=len(book.unread), first=book.unread[0])
            raise_notice(session, UNREAD, Weight.RED, reason, self._store.now(session))
        else:
            withdraw(session, UNREAD)

    def _look(self) -> None:
        """Changes are read before the transaction, which nobody should wait for; it sees those since."""
        with self._store.reading() as session:
            if self._book is None or version(session) != self._book.version:
                self._book = load_book(session, self._book)

    def _current(self) -> Book:
        assert self._book is not None  # looked at before
        return self._book


def _remember(
    session: Session,
    item: ArchivedItem,
    people: Sequence[Reached],
    now: datetime,
    held: str | None,
    webhooks: Mapping[str, str],
) -> None:
    """`held` says why a person decides about the mail, None where it goes by itself."""
    if insert_new(session, EvaluatedItemRow, {"item_id": item.item_id, "at": now}):
        reach(session, item, people, now, held, webhooks)
        if people:
            log.info("matched", extra={"item": item.item_id, "people": len(people), "held": held or ""})


def reach(
    session: Session,
    item: ArchivedItem,
    people: Sequence[Reached],
    now: datetime,
    held: str | None,
    webhooks: Mapping[str, str],
) -> None:
    """Write that the item reaches these people: a match for each whom its story did not reach before.

    Webhooks of the subscriptions that found it get it at once, whatever a person decides about the mail: a program
    sees by the times in it how old it is.
    """
    if not people:
        return
    stories = story_ids(session, item.story)
    if posts := [each for person in people for each in _posts(item, person, webhooks)]:
        post(session, posts, stories, stories[0], now)
    known = _known_matches(session, stories)
    _insert(session, item, [each for each in people if each.person not in known], stories[0], now, held)
    for each in people:
        match = known.get(each.person)
        if match is not None and match.delivery_id is None:  # later members of a story never mail again
            _join(session, match, each, now)


def _posts(item: ArchivedItem, person: Reached, webhooks: Mapping[str, str]) -> Iterator[Post]:
    for found in person.found:
        if webhook := webhooks.get(found.subscription):
            reasons = [reason.model_dump() for reason in found.reasons]
            yield Post(webhook, item.item_id, reasons, found.sure)


def _known_matches(session: Session, stories: Sequence[str]) -> Mapping[str, MatchRow]:
    """Person -> their first match of the story, under whatever name it goes."""
    found = select(MatchRow).where(col(MatchRow.story).in_(stories)).order_by(col(MatchRow.id).desc())
    return {row.person: row for row in session.exec(found).all()}


def _insert(
    session: Session,
    item: ArchivedItem,
    people: Sequence[Reached],
    story: str,
    now: datetime,
    held: str | None,
) -> None:
    """One match per person, each with the subscriptions that found it."""
    matches = [
        MatchRow(
            person=each.person,
            story=story,
            item_id=item.item_id,
            every=each.every,
            matched_at=now,
            due_at=now,
            delivery_id=gathering_mail(session, each.person, story, now, held) if held else None,
        )
        for each in people
    ]
    session.add_all(matches)
    session.flush()  # all at once; the links need the ids
    for match, each in zip(matches, people, strict=True):
        session.add_all(_link(match, found) for found in each.found)
    session.flush()


def _join(session: Session, match: MatchRow, person: Reached, now: datetime) -> None:
    """Further subscriptions speak for a match that waits; the strongest mode wins."""
    for found in person.found:
        link = session.get(MatchSubscriptionRow, (match.id, found.subscription))
        if link is None:
            session.add(_link(match, found))
        elif found.sure and not link.sure:  # the story is as sure as its surest item
            link.sure, link.every = True, found.every
            session.add(link)
    session.flush()
    settle(session, match, now)


def _link(match: MatchRow, found: Found) -> MatchSubscriptionRow:
    assert match.id is not None  # flushed
    return MatchSubscriptionRow(
        match_id=match.id,
        subscription=found.subscription,
        every=found.every,
        reasons=[reason.model_dump() for reason in found.reasons],
        sure=found.sure,
    )
