"""A mailbox that does not exist gets nothing more, at once; there is a way back, and our mistakes cost nobody."""

from collections.abc import Sequence

import pytest
from sqlmodel import select

from services.notifier.outcomes import Outcome, Refused, Sent
from services.notifier.refusals import About, Phase
from services.notifier.rematch import rematch
from shared.errors import NotFound
from shared.store import Store
from shared.subscriptions import lifecycle, people
from shared.subscriptions.explain import Obstacle, explain
from shared.subscriptions.links import confirm_token
from shared.subscriptions.suspensions import CANCELLED, bounced, lift
from shared.subscriptions.tables import SubscriptionRow, SuspensionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Blame, Consent, Kind, State
from tests.archived import a_verdict
from tests.fakes import FakeClock
from tests.mailing import (
    KEYS,
    LESER,
    ScriptedSender,
    all_matches,
    archive,
    ask,
    assign_all,
    deliver_all,
    deliverer,
    ledger,
    match,
    subscribe,
)

GONE = Refused(About.GONE, "550 5.1.1 <leser@example.org>: User unknown", Phase.RCPT)
FULL = Refused(About.MAILBOX, "552 5.2.2 mailbox full", Phase.END)
DENIED = Refused(About.US, "554 5.7.1 Relay access denied", Phase.RCPT)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def news(store: Store, item: str) -> None:
    match(store, archive(store, item, title=f"Netz {item}", text=f"Das Netz {item} wächst."))


def send(store: Store, *outcomes: Outcome) -> Sequence[str]:
    """Assign and send; the recipients who were tried."""
    assign_all(store)
    one = deliverer(store, sender := ScriptedSender(*outcomes))
    while one.step():
        pass
    return [mail.recipient for mail in sender.mails]


def person(store: Store, address: str = LESER) -> people.Person:
    with store.reading() as session:
        return people.find(session, address)


def events(store: Store, address: str = LESER) -> list[Consent]:
    with store.reading() as session:
        return [line.event for line in people.export(session, address).consent]


def confirm_newest(store: Store) -> None:
    with changing(store) as session:
        newest = select(SubscriptionRow).where(SubscriptionRow.confirmed_at.is_(None))  # type: ignore[union-attr]
        row = session.exec(newest).one()
        token = confirm_token(KEYS, row.id, row.requested_at)
        lifecycle.confirm(session, token, store.now(session), keys=KEYS)


def test_a_mailbox_that_does_not_exist_is_suspended_at_once_with_a_record(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    subscribe(store, query="theme:health", every="daily")
    news(store, "one")
    send(store, GONE)
    suspension = person(store).suspension
    assert suspension is not None
    assert (suspension.at, suspension.code) == (clock.now(), "5.1.1")
    assert "leser@" not in suspension.reason
    assert events(store)[-2:] == [Consent.SUSPENDED, Consent.SUSPENDED]
    (mail,) = ledger(store)
    assert (mail.state, mail.blame) == (State.FAILED, Blame.MAILBOX)
    with store.reading() as session:
        export = people.export(session, LESER)
    assert [bounce.code for bounce in export.bounces] == ["5.1.1"]


def test_who_is_suspended_gets_no_match_and_no_mail(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, GONE)
    clock.advance(hours=1)
    news(store, "two")
    assert send(store) == []
    assert [row.item_id for row in all_matches(store)] == ["one"]
    assert len(ledger(store)) == 1
    with store.reading() as session:
        assert explain(session, "two", LESER).voices[0].obstacle is Obstacle.SUSPENDED


def test_what_waited_is_cancelled_and_says_why(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    subscribe(store, query="Windrad", every="daily")
    for n in range(3):
        news(store, str(n))
    match(
        store, archive(store, "digest", title="Windrad", text="Windrad.", verdict=a_verdict(themes=(), scores={}))
    )
    assert len(all_matches(store)) == 4
    send(store, GONE)
    assert sorted(mail.error for mail in ledger(store))[-1] == CANCELLED
    assert sorted(mail.state for mail in ledger(store)) == [State.DROPPED, State.DROPPED, State.FAILED]
    assert {mail.blame for mail in ledger(store)} == {Blame.MAILBOX}
    assert len(all_matches(store)) == 3  # the digest's waits no more
    clock.advance(days=2)
    assert deliver_all(store) == []


def test_a_release_mails_nobody_who_is_suspended(store: Store) -> None:
    from shared.subscriptions import deliveries

    subscribe(store)
    news(store, "one")
    send(store, GONE)
    with store.writing() as session:
        for delivery in deliveries.undecided(session):
            deliveries.release(session, delivery, store.now(session))
    assert send(store) == []
    assert [mail.state for mail in ledger(store)] == [State.DROPPED]


def test_a_new_double_opt_in_sets_everything_going_again(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, GONE)
    clock.advance(days=1)
    ask(store)  # what the person has already, and yet a mail goes out
    assert send(store) == [LESER]
    assert ledger(store)[0].kind is Kind.CONFIRM
    assert person(store).suspension is not None
    confirm_newest(store)
    assert person(store).suspension is None
    assert Consent.RESUMED in events(store)
    clock.advance(seconds=1)
    news(store, "two")
    assert send(store) == [LESER]


def test_an_operator_can_lift_it_and_what_came_back_counts_no_more(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, GONE)
    with changing(store) as session:
        assert lift(session, person(store).id, clock.now(), keys=KEYS, origin="cli", reason="operator")
        assert not lift(session, person(store).id, clock.now(), keys=KEYS, origin="cli", reason="operator")
    clock.advance(seconds=1)
    news(store, "two")
    assert send(store, FULL) == [LESER]
    assert person(store).suspension is None


def test_an_operator_who_adds_somebody_means_it(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, GONE)
    clock.advance(seconds=1)
    subscribe(store)
    assert person(store).suspension is None
    news(store, "two")
    assert send(store) == [LESER]


def test_a_full_mailbox_is_suspended_after_a_week_of_digests(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    for day in range(6):
        assert person(store).suspension is None, f"after {day} days"
        news(store, f"d{day}")
        send(store, FULL)
        clock.advance(days=1)
    suspension = person(store).suspension
    assert suspension is not None
    assert suspension.code == "5.2.2"


def test_a_bounce_that_somebody_reads_suspends_alike_and_counts_once(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, Sent())
    about = {"delivery": ledger(store)[0].id, "code": "5.1.1", "reason": "unknown user", "origin": "bounce"}
    with changing(store) as session:
        id_ = person(store).id
        assert bounced(session, id_, clock.now(), keys=KEYS, permanent=True, **about)
        assert not bounced(session, id_, clock.now(), keys=KEYS, permanent=True, **about)
        assert not bounced(session, "nobody", clock.now(), keys=KEYS, permanent=True, **about)
    assert events(store).count(Consent.SUSPENDED) == 1


def test_a_wish_to_a_mailbox_that_does_not_exist_suspends_nobody(store: Store) -> None:
    ask(store)
    send(store, GONE)
    assert person(store).suspension is None
    with store.reading() as session:
        assert session.exec(select(SuspensionRow)).all() == []


def test_an_erasure_keeps_the_hash_alone_and_who_comes_back_must_confirm(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    news(store, "one")
    send(store, GONE)
    with changing(store) as session:
        people.erase(session, LESER, clock.now(), keys=KEYS)
    with pytest.raises(NotFound):
        person(store)
    with store.reading() as session:
        (row,) = session.exec(select(SuspensionRow)).all()
        assert row.person == ""
    ask(store)
    assert person(store).suspension is not None
    send(store)
    confirm_newest(store)
    assert person(store).suspension is None


# ---- a mistake of ours


def three_readers(store: Store) -> list[str]:
    addresses = [f"{name}@example.org" for name in ("anna", "bert", "cleo")]
    for address in addresses:
        subscribe(store, address)
        subscribe(store, address, query="theme:energy Wind", every="daily")
    return addresses


def test_three_refused_alike_are_about_us_and_nobody_stays_suspended(store: Store, clock: FakeClock) -> None:
    addresses = three_readers(store)
    news(store, "one")
    tried = send(store, GONE, GONE, GONE)
    assert sorted(tried) == addresses
    assert [person(store, address).suspension for address in addresses] == [None] * 3
    assert {(mail.state, mail.blame) for mail in ledger(store)} == {(State.PENDING, Blame.US)}
    suspended = [address for address in addresses if Consent.SUSPENDED in events(store, address)]
    assert len(suspended) == 2
    assert all(events(store, address)[-1] is Consent.RESUMED for address in suspended)
    clock.advance(minutes=1)
    assert sorted(send(store)) == addresses


def test_who_was_suspended_for_our_sake_gets_what_waited_and_what_came_meanwhile(
    store: Store, clock: FakeClock
) -> None:
    anna, bert, cleo = three_readers(store)
    news(store, "one")
    assign_all(store)
    one = deliverer(store, sender := ScriptedSender(GONE, GONE, GONE))
    assert one.step()  # one mail came back
    (first,) = (mail.recipient for mail in sender.mails)
    assert person(store, first).suspension is not None
    clock.advance(minutes=1)
    news(store, "two")  # matched without them
    while one.step():
        pass
    clock.advance(minutes=1)
    assert [rematch(store) for _ in range(3)] == [True, True, False]  # one person at a time
    mails = send(store)
    assert sorted(mails) == sorted([anna, anna, bert, bert, cleo, cleo])


def test_a_relay_that_denies_suspends_nobody(store: Store) -> None:
    three_readers(store)
    news(store, "one")
    send(store, DENIED)
    with store.reading() as session:
        assert session.exec(select(SuspensionRow)).all() == []
    assert {mail.state for mail in ledger(store)} == {State.PENDING}
