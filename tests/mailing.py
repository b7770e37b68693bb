"""Builders for what the notifier does: items in an archive, subscribers, a sender that does as it is told."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlmodel import Session, select

from services.notifier.assign import assign
from services.notifier.deliver import Deliverer, Gate
from services.notifier.matching import Matcher
from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Sender, Sent
from services.notifier.pen import Pen, Sign
from services.notifier.templates import load_templates
from shared.archive.store import archived_item, write
from shared.bus import ARCHIVED, Record
from shared.events import encode
from shared.items import ArchivedItem, Purpose
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.deliveries import Delivery, list_deliveries
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Links
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import MatchRow, SubscriptionRow
from tests.archived import a_classified

KEYS: Final = Keys((b"a key",), (b"a key for addresses",))
LINKS: Final = Links("https://vigie.example.org", KEYS)
TEMPLATES: Final = load_templates()
LESER: Final = "leser@example.org"
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


class OpenGate:
    """Lets every mail leave: for a ledger that nobody restores."""

    def ready(self) -> None:
        """Nothing is asked."""

    def advance(self, session: Session) -> None:
        """Nothing grows."""

    def seal(self) -> None:
        """Nothing is written."""

    def count(self, connection: object) -> None:
        """Nothing is counted."""

    def counted(self) -> None:
        """Nothing is written."""

    def rest(self) -> None:
        """Nothing is written."""


class ScriptedSender:
    """Takes mails. `next` are the outcomes to come, an exception to be raised; then every mail is sent."""

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.next = list(outcomes)
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> Outcome:
        outcome = self.next.pop(0) if self.next else Sent()
        if isinstance(outcome, Exception):
            raise outcome
        self.mails.append(mail)
        return outcome

    def rest(self) -> None:
        """Nothing is held."""

    def halt(self) -> None:
        """Nothing lasts."""


def archive(store: Store, item_id: str, purpose: Purpose = Purpose.LIVE, **fields: Any) -> ArchivedItem:
    """Archive an item, and give its current state."""
    with store.writing() as session:
        write(session, a_classified(item_id, **fields), purpose, store.now(session))
        item = archived_item(session, item_id)
    assert item is not None
    return item


def records(*items: ArchivedItem) -> Sequence[Record]:
    """The items as a reader of `items.archived` gets them."""
    return [
        Record(ARCHIVED, 0, n, EPOCH, encode(item, purpose=Purpose.LIVE, stage="archivist", now=EPOCH))
        for n, item in enumerate(items)
    ]


def subscribe(
    store: Store,
    address: str = LESER,
    query: str = "theme:energy",
    every: str = "instant",
    language: str = "de",
) -> Subscription:
    with store.writing() as session:
        return lifecycle.add_confirmed(session, store.now(session), address, query, every, language, keys=KEYS)


def ask(store: Store, address: str = LESER, query: str = "theme:energy", every: str = "instant") -> None:
    with store.writing() as session:
        lifecycle.request(session, store.now(session), address, query, every, "de", keys=KEYS)


def pending(store: Store) -> SubscriptionRow:
    """The only subscription."""
    with store.reading() as session:
        return session.exec(select(SubscriptionRow)).one()


def match(store: Store, *items: ArchivedItem) -> None:
    """Match with a matcher that knows nothing yet."""
    Matcher(store).handle(records(*items))


def assign_all(store: Store, per_hour: int = 10) -> None:
    while assign(store, per_hour):
        pass


def deliverer(
    store: Store,
    sender: Sender,
    instance: str = "here",
    monotonic: Callable[[], float] = time.monotonic,
    gate: Gate | None = None,
    sign: Sign | None = None,
) -> Deliverer:
    return Deliverer(
        store,
        sender,
        gate or OpenGate(),
        pen=Pen("vigie@example.org", TEMPLATES, sign=sign),
        links=lambda _: LINKS,
        instance=instance,
        monotonic=monotonic,
    )


def deliver_all(store: Store, instance: str = "here") -> list[Mail]:
    """Assign and deliver everything that is due, and give the mails."""
    assign_all(store)
    sender = ScriptedSender()
    one = deliverer(store, sender, instance)
    while one.step():
        pass
    return sender.mails


def mail_through(store: Store, *items: ArchivedItem) -> list[Mail]:
    match(store, *items)
    return deliver_all(store)


def ledger(store: Store) -> Sequence[Delivery]:
    with store.reading() as session:
        return list_deliveries(session)


def all_matches(store: Store) -> Sequence[MatchRow]:
    with store.reading() as session:
        return session.exec(select(MatchRow).order_by(MatchRow.id)).all()  # type: ignore[arg-type]
