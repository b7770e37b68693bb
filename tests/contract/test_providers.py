"""5.1.1 of one mailbox suspends its reader; of all mailboxes of a provider it says something of the provider."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from services.notifier.mime import Mail
from services.notifier.outcomes import Outcome, Refused, Sent
from services.notifier.provider import AGAIN, MANY, came_back
from services.notifier.refusals import About, Phase
from shared.store import Store
from shared.subscriptions.suspensions import suspensions
from shared.subscriptions.tables import DeliveryRow, PersonRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import State
from shared.telemetry.notices import NoticeRow
from tests.fakes import FakeClock
from tests.mailing import KEYS, ScriptedSender, archive, assign_all, deliverer, match, subscribe

ILL = "ill.example"
GONE = Refused(About.GONE, "550 5.1.1 User unknown", Phase.RCPT)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Relay(ScriptedSender):
    """Takes every mail but those to these addresses, of which it says that they do not exist."""

    def __init__(self, *gone: str) -> None:
        super().__init__()
        self.gone, self.tried = frozenset(gone), list[str]()

    def send(self, mail: Mail) -> Outcome:
        self.tried.append(mail.recipient)
        return GONE if mail.recipient in self.gone else Sent()


def readers(store: Store, number: int, domain: str) -> Sequence[str]:
    found = [f"reader{n}@{domain}" for n in range(number)]
    for address in found:
        subscribe(store, address)
    return found


def news(store: Store, relay: Relay, *in_turn: str) -> None:
    """A story to everybody, handed over in this order: three alike in a row would be judged of the whole relay."""
    match(store, archive(store, "one"))
    assign_all(store)
    with store.writing() as session:
        people = {row.address: row.id for row in session.exec(select(PersonRow)).all()}
        for place, address in enumerate(in_turn):
            row = session.exec(select(DeliveryRow).where(DeliveryRow.person == people[address])).one()
            row.due_at = store.now(session) - timedelta(seconds=60 - place)
            session.add(row)
    send(store, relay)


def send(store: Store, relay: Relay) -> None:
    one = deliverer(store, relay)
    while one.step():
        pass


def refused(store: Store, mail: str, person: str, sent: datetime | None) -> bool:
    with changing(store) as session:
        said = {"code": "5.1.1", "reason": "550 5.1.1", "origin": "bounce", "keys": KEYS}
        about = {"delivery": mail, "permanent": True, "sent": sent, **said}
        return came_back(session, person, store.now(session), **about)  # type: ignore[arg-type]


def away(store: Store) -> set[str]:
    """The addresses that are suspended."""
    with store.reading() as session:
        people = session.exec(select(PersonRow).where(PersonRow.id.in_(suspensions(session)))).all()  # type: ignore[attr-defined]
    return {person.address for person in people}


def states(store: Store) -> dict[str, int]:
    with store.reading() as session:
        found = session.exec(select(DeliveryRow.state)).all()
    return {state: found.count(state) for state in found}


def notices(store: Store) -> list[str]:
    with store.reading() as session:
        return [notice.key for notice in session.exec(select(NoticeRow)).all()]


def test_a_provider_that_refuses_all_its_mailboxes_suspends_nobody_and_is_tried_once_more(
    store: Store, clock: FakeClock
) -> None:
    others, gone = readers(store, MANY + 1, "example.org"), readers(store, MANY + 1, ILL)
    in_turn = [address for pair in zip(others, gone, strict=True) for address in pair]
    news(store, relay := Relay(*gone), *in_turn)
    assert relay.tried == in_turn
    assert away(store) == set()
    assert notices(store) == ["bounces.refused"]
    assert states(store) == {State.SENT: MANY + 1, State.PENDING: MANY + 1}
    clock.advance(seconds=AGAIN.total_seconds() + 1)
    send(store, Relay())
    assert states(store) == {State.SENT: 2 * MANY + 2}


def test_a_few_of_many_mailboxes_of_a_provider_are_mailboxes(store: Store, clock: FakeClock) -> None:
    all_ = readers(store, 2 * MANY + 2, ILL)
    gone = all_[1::2][:MANY]
    news(store, Relay(*gone), *all_)
    assert away(store) == set(gone)
    assert notices(store) == []


def test_what_lasts_for_days_suspends_in_the_end(store: Store, clock: FakeClock) -> None:
    gone = set(readers(store, MANY, ILL))
    with store.reading() as session:
        people = session.exec(select(PersonRow.id)).all()
    for day in range(8):
        for person in people:
            refused(store, f"{day} {person}", person, None)
        if day < 4:
            assert away(store) == set(), day
        clock.advance(days=1)
    assert away(store) == gone


def test_bounces_that_come_in_later_are_judged_by_when_their_mails_went(store: Store, clock: FakeClock) -> None:
    gone = readers(store, MANY, ILL)
    news(store, Relay(), *gone)
    with store.reading() as session:
        mails = session.exec(select(DeliveryRow)).all()
    for number, mail in enumerate(mails):
        clock.advance(minutes=40)
        assert refused(store, mail.id, mail.person or "", mail.sent_at) is (number < MANY - 1)
    assert away(store) == set()
