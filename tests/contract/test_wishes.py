"""Open wishes: all of them stand in one mail, a stranger's hides nobody's, and a mailbox is not bombed."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from services.notifier.gather import NAMED
from services.notifier.mime import Mail
from shared.store import Store
from shared.subscriptions import lifecycle, people
from shared.subscriptions.consent import consent_of
from shared.subscriptions.open_wishes import DAY, MAILS, MOST
from shared.subscriptions.tables import DeliveryRow, PersonRow, SubscriptionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Consent, Kind, State
from tests.fakes import FakeClock
from tests.mailing import KEYS, LESER, ask, deliver_all, ledger, subscribe

CONFIRM = re.compile(r"/de/confirm/(\S+)")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def tokens(mail: Mail) -> list[str]:
    return CONFIRM.findall(mail.text)


def confirm(store: Store, token: str) -> str:
    with changing(store) as session:
        return lifecycle.confirm(session, token, store.now(session), keys=KEYS).query


def only(mails: list[Mail]) -> Mail:
    (mail,) = mails
    return mail


def active(store: Store) -> list[str]:
    with store.reading() as session:
        return sorted(each.query for each in people.find(session, LESER).subscriptions if each.active)


def test_a_strangers_open_wish_stands_beside_ones_own_each_with_its_link(store: Store, clock: FakeClock) -> None:
    ask(store, query="theme:startups")
    assert len(tokens(only(deliver_all(store)))) == 1
    clock.advance(minutes=1)
    ask(store, query="theme:energy", every="daily")
    mail = only(deliver_all(store))
    assert mail.text.index("Energie") < mail.text.index("Start-ups")  # the newest first
    own, strangers = tokens(mail)
    assert confirm(store, own) == "theme:energy"
    assert active(store) == ["theme:energy"]
    assert confirm(store, strangers) == "theme:startups"
    assert mail.html.count('class="button"') == 2


def test_wishes_before_the_mail_goes_share_one_mail(store: Store) -> None:
    for query in ("theme:energy", "theme:health", "theme:ai"):
        ask(store, query=query)
    assert len(tokens(only(deliver_all(store)))) == 3


def test_a_wish_that_comes_while_the_mail_is_being_sent_gets_a_mail_of_its_own(store: Store) -> None:
    ask(store, query="theme:energy")
    with store.writing() as session:
        session.execute(update(DeliveryRow).values(state=State.SENDING))
    ask(store, query="theme:health")
    assert len(tokens(only(deliver_all(store)))) == 2


def test_a_wish_is_not_left_to_a_mail_that_may_have_arrived_already(store: Store) -> None:
    ask(store, query="theme:energy")
    with store.writing() as session:
        session.execute(update(DeliveryRow).values(unknown=1))
    ask(store, query="theme:health")
    assert len(deliver_all(store)) == 2


def test_the_same_wish_again_is_one_wish_with_a_fresh_link(store: Store, clock: FakeClock) -> None:
    ask(store)
    first = only(deliver_all(store))
    clock.advance(days=6)
    ask(store)
    again = only(deliver_all(store))
    (old,), (new,) = tokens(first), tokens(again)
    assert old != new
    clock.advance(days=6)
    with changing(store) as session:
        assert people.purge(session, store.now(session), keys=KEYS) == ()
    assert confirm(store, new) == "theme:energy"
    with store.reading() as session:
        (person,) = people.everybody(session)
        assert [line.event for line in consent_of(session, person.id)] == [
            Consent.REQUESTED,
            Consent.REQUESTED,
            Consent.CONFIRMED,
        ]


def test_a_mailbox_gets_five_confirmations_a_day_and_the_next_then_names_every_open_wish(
    store: Store, clock: FakeClock
) -> None:
    for number in range(MAILS + 3):
        ask(store, query=f"title:word{number}")
        deliver_all(store)
        clock.advance(minutes=1)
    assert [one.state for one in ledger(store)].count(State.SENT) == MAILS
    (waiting,) = [one for one in ledger(store) if one.state is State.PENDING]
    assert waiting.due_at == clock.now() + DAY - timedelta(minutes=MAILS + 3)
    clock.advance(hours=24)
    assert len(tokens(only(deliver_all(store)))) == MAILS + 3


@pytest.mark.parametrize(
    "spellings",
    [
        [f"leser+{n}@example.org" for n in range(MAILS + 1)],
        [f"{'leser'[:n]}.{'leser'[n:]}@gmail.com" for n in range(1, 5)]
        + [f"leser+{n}@googlemail.com" for n in "ab"],
    ],
)
def test_spellings_of_one_mailbox_share_its_limit(store: Store, spellings: list[str]) -> None:
    for address in spellings:
        ask(store, address)
    assert len(deliver_all(store)) == MAILS


def test_other_mailboxes_have_their_own_limit(store: Store) -> None:
    addresses = [f"leser{n}@example.org" for n in range(MAILS)] + ["le.ser@example.org", "leser@example.org"]
    for address in addresses:
        ask(store, address)
    assert len(deliver_all(store)) == len(addresses)


def test_a_confirmation_that_failed_neither_blocks_the_next_nor_counts(store: Store) -> None:
    for number in range(MAILS + 2):
        ask(store, query=f"title:word{number}")
        with store.writing() as session:
            failed = update(DeliveryRow).where(col(DeliveryRow.state) == State.PENDING)
            session.execute(failed.values(state=State.FAILED, error="550"))
    ask(store)
    assert len(tokens(only(deliver_all(store)))) == MAILS + 3


def test_a_mail_names_the_newest_wishes_and_counts_the_others(store: Store, clock: FakeClock) -> None:
    for number in range(NAMED + 3):
        ask(store, query=f"title:word{number}")
        clock.advance(seconds=1)
    mail = only(deliver_all(store))
    assert len(tokens(mail)) == NAMED
    assert f"word{NAMED + 2}" in mail.text
    assert "word2" not in mail.text
    assert "noch offen sind: 3." in mail.text


def test_a_flood_of_wishes_is_bounded_and_leaves_the_newest(store: Store, clock: FakeClock) -> None:
    for number in range(MOST + 5):
        ask(store, query=f"title:word{number}")
        clock.advance(seconds=1)
    with store.reading() as session:
        rows = session.exec(select(SubscriptionRow)).all()
    assert len(rows) == MOST
    assert f"title:word{MOST + 4}" in {row.query for row in rows}
    assert len(tokens(only(deliver_all(store)))) == NAMED


def test_strangers_wishes_do_not_use_up_the_subscriptions_that_a_person_may_have(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "MOST_SUBSCRIPTIONS", 2)
    for query in ("title:a", "title:b", "title:c"):
        ask(store, query=query)
    subscribe(store, query="theme:ai")
    ask(store, query="theme:energy")
    assert len(tokens(only(deliver_all(store)))) == 4


def test_a_mail_that_waits_outlives_the_wish_that_caused_it(store: Store, clock: FakeClock) -> None:
    ask(store, query="theme:energy")
    clock.advance(days=6)  # the relay is away
    ask(store, query="theme:health")
    clock.advance(days=2)
    with changing(store) as session:
        assert people.purge(session, store.now(session), keys=KEYS) == ()
    mail = only(deliver_all(store))
    assert "Gesundheit" in mail.text
    assert len(tokens(mail)) == 1


def test_a_confirmation_has_nothing_to_say_once_every_wish_is_answered(store: Store) -> None:
    ask(store)
    first = only(deliver_all(store))
    ask(store, query="theme:health")
    with changing(store) as session:
        now = store.now(session)
        for row in session.exec(select(SubscriptionRow)).all():
            lifecycle.end(session, [row], now, keys=KEYS, reason="left", origin="test")
    assert deliver_all(store) == []
    assert first


def test_a_mailbox_is_filled_in_for_people_of_a_program_before(store: Store) -> None:
    ask(store, "leser+a@example.org")
    with store.writing() as session:
        session.execute(update(PersonRow).values(mailbox=None))
    ask(store, "leser+a@example.org", query="theme:health")
    with store.reading() as session:
        assert session.exec(select(PersonRow.mailbox)).one() == "leser@example.org"
        assert {row.kind for row in session.exec(select(DeliveryRow)).all()} == {Kind.CONFIRM}
