"""What a mail says is so when it goes: read again, asked again, each story once. On both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select, update

from services.notifier.gather import letters_of
from services.notifier.letters import Letter
from services.notifier.mime import Mail
from shared.archive.corrections import correct
from shared.archive.removal import Because, remove
from shared.archive.stories import LOCK, merge
from shared.archive.tables import ItemRow
from shared.items import Reason
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.tables import DeliveryRow, MatchRow, SubscriptionRow
from shared.subscriptions.words import State
from tests.archived import NOON, a_verdict
from tests.fakes import FakeClock
from tests.mailing import KEYS, archive, assign_all, deliver_all, ledger, mail_through, match, subscribe


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))


def digest_due(store: Store, clock: FakeClock, *names: str, query: str = "theme:energy") -> None:
    """A daily subscriber, items matched, the digest in the ledger and not sent."""
    subscribe(store, query=query, every="daily")
    match(store, *(archive(store, name) for name in names))
    clock.advance(hours=21)
    assign_all(store)


def said(store: Store) -> list[str]:
    """The items that the one mail names; nothing when none goes."""
    mails = deliver_all(store)
    assert len(mails) <= 1
    return [line for mail in mails for line in mail.text.splitlines() if line.startswith("Meldung ")]


def person_says(store: Store, item: str, **labels: float) -> None:
    with store.writing() as session:
        store.serialise(session, LOCK)
        correct(session, item, labels, store.now(session))


def only(mails: list[Mail]) -> Mail:
    (mail,) = mails
    return mail


def test_a_digest_leaves_out_what_was_corrected_before_it_went(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two")
    person_says(store, "one", energy=0.0)
    assert said(store) == ["Meldung two"]


def test_a_digest_leaves_out_what_its_publisher_rewrote(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two", query="Netz")
    archive(store, "one", text="Der Zoo wächst.", fetched_at=NOON + timedelta(hours=1))
    assert said(store) == ["Meldung two"]


def test_a_digest_leaves_out_what_was_taken_out_for_good(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two")
    with store.writing() as session:
        store.serialise(session, LOCK)
        remove(session, "one", Because.REQUEST, store.now(session))
    assert said(store) == ["Meldung two"]


def test_a_digest_says_an_item_in_its_present_words_and_reasons(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one")
    later = NOON + timedelta(hours=1)
    verdict = a_verdict(reasons=(Reason(label="energy", passage="Leitung", weight=1.0),))
    archive(store, "one", verdict=verdict, at=later, title="Meldung neu", text="Leitung.", fetched_at=later)
    mail = only(deliver_all(store))
    assert "Meldung neu" in mail.text
    assert "Energie („Leitung“)" in mail.text


def test_a_mail_whose_query_was_changed_meanwhile_says_nothing_of_the_old_one(
    store: Store, clock: FakeClock
) -> None:
    digest_due(store, clock, "one")
    with store.writing() as session:
        row = session.exec(select(SubscriptionRow)).one()
        lifecycle.change(session, row.id, store.now(session), keys=KEYS, query="theme:health")
    assert said(store) == []


def test_when_nothing_is_left_nobody_is_mailed_and_nothing_has_failed(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two")
    for item in ("one", "two"):
        person_says(store, item, energy=0.0)
    assert deliver_all(store) == []
    (dropped,) = ledger(store)
    assert dropped.state is State.DROPPED
    assert "nothing is left" in dropped.error
    match(store, archive(store, "three"))
    clock.advance(days=1)
    assert said(store) == ["Meldung three"]


def test_an_instant_mail_that_waited_for_its_relay_is_read_again_too(store: Store) -> None:
    subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    person_says(store, "one", energy=0.0)
    assert deliver_all(store) == []
    assert [one.state for one in ledger(store)] == [State.DROPPED]


def test_an_item_that_is_gone_is_left_out(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two")
    with store.writing() as session:
        row = session.exec(select(ItemRow).where(ItemRow.item_id == "one")).one()
        session.delete(row)
    assert said(store) == ["Meldung two"]


# Each story once


def merged(store: Store, *stories: str) -> None:
    with store.writing() as session:
        merge(session, stories, store.now(session))


def test_stories_that_became_one_after_the_digest_was_made_stand_once(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two", "three")
    merged(store, "one", "two")
    assert said(store) == ["Meldung one", "Meldung three"]


def test_a_story_that_another_mail_told_is_left_out(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one", "two")
    subscribe(store, query="title:three", every="instant")
    assert len(mail_through_held(store, "three")) == 1
    merged(store, "one", "three")
    assert said(store) == ["Meldung two"]


def mail_through_held(store: Store, name: str) -> list[Mail]:
    """Mail an item while the digest is held."""
    with store.writing() as session:
        session.execute(update(DeliveryRow).values(state=State.HELD))
    mails = mail_through(store, archive(store, name))
    with store.writing() as session:
        held = update(DeliveryRow).where(DeliveryRow.state == State.HELD)  # type: ignore[arg-type]  # a column
        session.execute(held.values(state=State.PENDING))
    return mails


def test_two_waiting_mails_of_stories_that_became_one_tell_it_once(store: Store) -> None:
    subscribe(store)
    match(store, archive(store, "one"), archive(store, "two"))
    assign_all(store)
    merged(store, "one", "two")
    with store.reading() as session:
        rows = session.exec(select(DeliveryRow)).all()
        letters = letters_of(session, rows, store.now(session)).values()
    assert len([letter for letter in letters if isinstance(letter, Letter)]) == 1


def test_a_story_is_told_by_the_item_that_still_fits(store: Store, clock: FakeClock) -> None:
    """One subscription found the first item, another the second of the same story; the first was corrected."""
    subscribe(store, query="theme:energy title:one", every="daily")
    subscribe(store, query="theme:energy title:two", every="daily")
    first, second = archive(store, "one"), archive(store, "two")
    merged(store, "one", "two")
    match(store, first, second.model_copy(update={"story": "one"}))
    clock.advance(hours=21)
    assign_all(store)
    with store.reading() as session:
        assert len(session.exec(select(MatchRow)).all()) == 1
    person_says(store, "one", energy=0.0)
    mail = only(deliver_all(store))
    assert "Meldung two" in mail.text
    assert "Meldung one" not in mail.text
    assert "title:one" not in mail.text


def test_a_subscription_speaks_for_a_story_by_whichever_item_it_found(store: Store, clock: FakeClock) -> None:
    subscribe(store, query="title:one", every="daily")
    subscribe(store, query="title:two", every="daily")
    first, second = archive(store, "one"), archive(store, "two")
    merged(store, "one", "two")
    match(store, first, second.model_copy(update={"story": "one"}))
    clock.advance(hours=21)
    mail = only(deliver_all(store))
    assert "„one“ im Titel" in mail.text
    assert "„two“ im Titel" in mail.text


def test_a_query_that_the_grammar_no_longer_reads_keeps_what_it_found(store: Store, clock: FakeClock) -> None:
    digest_due(store, clock, "one")
    with store.writing() as session:
        session.execute(update(SubscriptionRow).values(query="theme:gone"))
    assert said(store) == ["Meldung one"]
