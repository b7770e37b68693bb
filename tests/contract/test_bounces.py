"""What follows from a mail that came back, or a complaint: on both databases, once, and for the right person."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest
from sqlmodel import Session, select

from services.notifier.bounces.effects import Followed, follow, identified
from services.notifier.bounces.read import read_bounce
from shared.errors import Conflict, NotFound
from shared.store import Store
from shared.subscriptions import people
from shared.subscriptions.keys import Keys
from shared.subscriptions.ledger import enqueue_operator_mail
from shared.subscriptions.suspensions import lift, lift_address
from shared.subscriptions.tables import SuspensionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Blame, Consent, Kind, State
from shared.telemetry.notices import notices
from tests.bounced import SHAPES, complaint, returned, signed
from tests.contract.test_suspensions import confirm_newest, events, news, person, send
from tests.fakes import FakeClock
from tests.mailing import KEYS, LESER, LINKS, ask, ledger, subscribe

UNKNOWN: Final = SHAPES["postfix, unknown"][0]
FULL: Final = SHAPES["postfix, full"][0]
WAITS: Final = SHAPES["postfix, still tries"][0]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def enter(store: Store, mail: bytes, keys: Keys = KEYS) -> Followed:
    with changing(store) as session:
        return follow(session, read_bounce(mail), keys, store.now(session))


def mailed(store: Store, item: str = "one") -> str:
    """A mail that the relay took; its id."""
    news(store, item)
    assert send(store) == [LESER]
    return ledger(store)[0].id


def test_a_mailbox_that_does_not_exist_is_suspended_once(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    delivery = mailed(store)
    bounce = returned(UNKNOWN, delivery)
    assert enter(store, bounce) == Followed(delivery, "its reader gets nothing more", True)
    suspension = person(store).suspension
    assert suspension is not None
    assert (suspension.at, suspension.code) == (clock.now(), "5.1.1")
    assert "weg@" not in suspension.reason
    assert not enter(store, bounce).suspended
    assert events(store).count(Consent.SUSPENDED) == 1
    (mail,) = ledger(store)
    assert (mail.state, mail.blame) == (State.SENT, Blame.MAILBOX)
    assert mail.error.startswith("came back: 550 5.1.1")


def test_a_reader_whose_mailbox_is_full_is_left_alone_after_a_week(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    for day in range(6):
        assert person(store).suspension is None, f"after {day} days"
        bounce = returned(FULL, mailed(store, f"d{day}"))
        enter(store, bounce)
        enter(store, bounce)
        clock.advance(days=1)
    assert person(store).suspension is not None


def test_what_lay_in_a_mailbox_for_a_week_counts_for_the_days_on_which_it_went(
    store: Store, clock: FakeClock
) -> None:
    subscribe(store)
    bounces = []
    for day in range(6):
        bounces.append(returned(FULL, mailed(store, f"d{day}")))
        clock.advance(days=1)
    assert [enter(store, bounce).suspended for bounce in bounces] == [False] * 5 + [True]


def test_what_is_refused_for_our_sake_is_told_to_operators_and_counts_little(store: Store) -> None:
    subscribe(store)
    assert not enter(store, returned(SHAPES["postfix, blocked"][0], mailed(store))).suspended
    with store.reading() as session:
        (notice,) = notices(session)
    assert notice.key == "bounces.refused"
    assert "550 5.7.1" in notice.reason
    assert "vigie doctor mail" in notice.remedy


def test_who_is_still_tried_and_who_is_nobody_change_nothing(store: Store) -> None:
    subscribe(store)
    delivery = mailed(store)
    assert enter(store, returned(WAITS, delivery)) == Followed(delivery, "it is still tried")
    assert enter(store, b"Return-Path: <>\n\nI am away.\n").delivery is None
    with changing(store) as session:
        about = {"key": "k", "recipient": "ops@example.org", "subject": "Sources", "body": "Sick."}
        assert enqueue_operator_mail(session, store.now(session), **about)
    assert send(store) == ["ops@example.org"]
    note = next(mail.id for mail in ledger(store) if mail.kind is Kind.OPERATOR)
    assert enter(store, returned(UNKNOWN, note)) == Followed(note, "it went to an operator")
    assert person(store).suspension is None


def test_what_no_database_keeps_is_not_in_what_is_remembered(store: Store) -> None:
    subscribe(store)
    shape = replace(UNKNOWN, status=UNKNOWN.status.replace("User unknown", "User\0unknown \x1b[31m"))
    assert enter(store, returned(shape, mailed(store))).suspended
    shape = replace(SHAPES["opensmtpd, unknown"][0], text="weg@example.org: 550 5.1.1 un\0known\x07")
    bounce = read_bounce(returned(shape, "0" * 32))
    assert bounce.said == "550 5.1.1 un known"
    assert (bounce.code, read_bounce(returned(shape, "0" * 32)).verdict) == ("5.1.1", "permanent")


def test_a_forged_bounce_does_nothing_and_says_so(store: Store) -> None:
    subscribe(store)
    delivery = mailed(store)
    others = Keys((b"another key",), KEYS.hashing)
    forged = returned(UNKNOWN, "f" * 32, keys=others)
    assert enter(store, forged) == Followed(None, "it names no mail of ours: nothing follows from it")
    forged = returned(UNKNOWN, delivery, keys=others, carried=False)
    assert enter(store, forged).delivery is None
    assert person(store).suspension is None


def test_the_mail_that_it_carries_is_enough(store: Store) -> None:
    subscribe(store)
    delivery = mailed(store)
    bounce = UNKNOWN.of(f"Message-ID: <{delivery}@example.org>\r\n\r\nNews.\r\n".encode(), "vigie@example.org")
    assert enter(store, bounce).suspended


def test_the_leave_link_that_it_carries_is_enough_and_a_key_that_was_changed_still_knows_it(store: Store) -> None:
    subscribe(store)
    delivery = mailed(store)
    link = LINKS.leave_mail("de", delivery, person(store).id)
    bounce = UNKNOWN.of(f"List-Unsubscribe: <{link}>\r\n\r\nNews.\r\n".encode(), "vigie@example.org")
    newer = Keys((b"a newer key", *KEYS.signing), KEYS.hashing)
    assert enter(store, bounce, newer).delivery == delivery


def test_a_bounce_of_an_old_mail_suspends_nobody_who_confirmed_since(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    old = mailed(store)
    clock.advance(days=1)
    ask(store, query="theme:health")
    send(store)
    confirm_newest(store)
    assert enter(store, returned(UNKNOWN, old)) == Followed(old, "its reader confirmed anew since")
    assert person(store).suspension is None
    clock.advance(seconds=1)
    assert enter(store, returned(UNKNOWN, mailed(store, "two"))).suspended


def test_what_an_operator_lifted_the_same_bounce_does_not_bring_back(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    bounce = returned(UNKNOWN, mailed(store))
    assert enter(store, bounce).suspended
    clock.advance(hours=1)
    with changing(store) as session:
        assert lift(session, person(store).id, clock.now(), keys=KEYS, origin="cli", reason="operator")
    assert not enter(store, bounce).suspended
    assert person(store).suspension is None


def test_a_wish_that_came_back_suspends_nobody(store: Store) -> None:
    ask(store)
    assert send(store) == [LESER]
    assert not enter(store, returned(UNKNOWN, ledger(store)[0].id)).suspended
    assert person(store).suspension is None


# ---- complaints


def test_a_complaint_ends_everything_once_and_wishes_too(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    subscribe(store, query="theme:health", every="daily")
    ask(store, query="theme:mobility")
    send(store)
    report = complaint(b"News.\r\n", signed(mailed(store)))
    assert enter(store, report).suspended
    assert all(subscription.ended for subscription in person(store).subscriptions)
    assert events(store).count(Consent.ENDED) == 3
    assert enter(store, report).said == "it was known"
    clock.advance(hours=1)
    news(store, "two")
    assert send(store) == []
    suspension = person(store).suspension
    assert suspension is not None
    assert suspension.complaint


def test_who_complained_comes_back_by_confirming_alone_and_the_same_report_is_old_then(
    store: Store, clock: FakeClock
) -> None:
    subscribe(store)
    report = complaint(b"News.\r\n", signed(mailed(store)))
    enter(store, report)
    with pytest.raises(Conflict, match="unwanted"):
        subscribe(store)
    clock.advance(days=1)
    ask(store)
    assert send(store) == [LESER]
    confirm_newest(store)
    clock.advance(seconds=1)
    assert not enter(store, report).suspended
    news(store, "two")
    assert send(store) == [LESER]


def test_the_address_stays_suppressed_when_the_person_is_gone_until_an_operator_lifts_it(
    store: Store, clock: FakeClock
) -> None:
    subscribe(store)
    enter(store, complaint(b"News.\r\n", signed(mailed(store))))
    clock.advance(days=29)
    with changing(store) as session:
        people.purge(session, clock.now(), keys=KEYS)
    with pytest.raises(NotFound):
        person(store)
    with store.reading() as session:
        (row,) = session.exec(select(SuspensionRow)).all()
    assert row.person == ""
    assert "leser" not in f"{row}"
    with pytest.raises(Conflict):
        subscribe(store)
    with changing(store) as session:
        assert lift_address(session, LESER, keys=KEYS)
        assert not lift_address(session, LESER, keys=KEYS)
    subscribe(store)
    assert person(store).suspension is None


def test_before_the_first_key_only_the_ledger_names_a_mail(store: Store) -> None:
    subscribe(store)
    delivery = mailed(store)

    def asked(session: Session, mail: bytes, now: datetime) -> str | None:
        return identified(session, read_bounce(mail), None, now)

    with store.reading() as session:
        now = store.now(session)
        carried = UNKNOWN.of(f"Message-ID: <{delivery}@example.org>\r\n\r\n".encode())
        assert asked(session, carried, now) == delivery
        assert asked(session, returned(UNKNOWN, delivery, carried=False), now) is None
