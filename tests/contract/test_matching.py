"""From an archived item to a mail, once per story and person, on SQLite and on PostgreSQL alike."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select, update

from services.notifier.matching import Matcher
from shared.archive.stories import merge
from shared.errors import NotFound
from shared.items import Purpose
from shared.store import Store
from shared.subscriptions import deliveries, lifecycle, people
from shared.subscriptions.ledger import enqueue_operator_mail
from shared.subscriptions.links import Purpose as Link
from shared.subscriptions.links import sign
from shared.subscriptions.tables import EvaluatedItemRow, MatchRow, SubscriptionRow
from shared.subscriptions.version import bump, changing
from shared.subscriptions.words import Every, State
from shared.telemetry.facts import Weight
from shared.telemetry.notices import notices
from tests.mailing import (
    KEYS,
    LESER,
    all_matches,
    archive,
    ask,
    assign_all,
    deliver_all,
    ledger,
    mail_through,
    match,
    records,
    subscribe,
)

# Matching


def test_a_person_gets_an_item_once_even_if_two_subscriptions_match(store: Store) -> None:
    subscribe(store, query="theme:energy", every="daily")
    subscribe(store, query="Netz", every="instant")
    mails = mail_through(store, archive(store, "one"))
    assert len(mails) == 1
    assert "== Energie" in mails[0].text
    assert "„Netz“" in mails[0].text
    assert mails[0].text.count("Meldung one") == 1
    assert [match.every for match in all_matches(store)] == [Every.INSTANT]


def test_only_what_the_query_finds_is_mailed(store: Store) -> None:
    subscribe(store, query="theme:health")
    assert mail_through(store, archive(store, "one")) == []


def test_a_subscription_that_cannot_be_read_any_more_is_red_until_it_is_mended_or_gone(store: Store) -> None:
    subscribe(store, query="theme:energy")
    matcher, told = Matcher(store), []
    for number, query in enumerate(("theme:energy", "theme:was-renamed", "theme:energy")):
        with changing(store) as session:
            session.execute(update(SubscriptionRow).values(query=query))
            bump(session)
        matcher.handle(records(archive(store, f"item{number}")))
        with store.reading() as session:
            told.append([(notice.key, notice.weight) for notice in notices(session)])
    assert told == [[], [("subscriptions.unread", Weight.RED)], []]


def test_a_replay_changes_nothing(store: Store) -> None:
    subscribe(store)
    item = archive(store, "one")
    assert len(mail_through(store, item, item)) == 1
    assert mail_through(store, item) == []
    assert len(ledger(store)) == 1


def test_an_edited_item_does_not_mail_again(store: Store) -> None:
    subscribe(store)
    first = archive(store, "one")
    mail_through(store, first)
    edited = archive(
        store, "one", text="Das Netz wächst weiter.", fetched_at=first.first_seen + timedelta(hours=1)
    )
    assert edited.revision == 2
    assert mail_through(store, edited) == []


def test_an_item_evaluated_before_somebody_subscribed_stays_unmailed(store: Store) -> None:
    item = archive(store, "one")
    mail_through(store, item)
    subscribe(store)
    assert mail_through(store, item) == []


def test_a_subscription_does_not_reach_back_before_its_confirmation(store: Store) -> None:
    item = archive(store, "one")
    subscribe(store)
    assert mail_through(store, item) == []


def test_a_subscription_holds_at_once_for_a_matcher_that_knew_the_old_ones(store: Store) -> None:
    matcher = Matcher(store)
    matcher.handle(records(archive(store, "one")))
    subscribe(store)
    matcher.handle(records(archive(store, "two")))
    assert [match.item_id for match in all_matches(store)] == ["two"]
    with store.writing() as session:
        (person,) = people.everybody(session)
        token = sign(KEYS, Link.LEAVE, person.subscriptions[0].id)
        lifecycle.leave(session, token, store.now(session), keys=KEYS)
    matcher.handle(records(archive(store, "three")))
    assert [match.item_id for match in all_matches(store)] == []  # left before it was mailed


def test_what_entered_in_bulk_mails_nobody_until_it_is_released(store: Store) -> None:
    subscribe(store)
    old = archive(store, "one", Purpose.BACKFILL)
    assert old.entered_in_bulk
    assert mail_through(store, old) == []
    with store.reading() as session:
        assert session.get(EvaluatedItemRow, "one") is None
    released = archive(store, "one", released_at=old.first_seen)
    assert len(mail_through(store, released)) == 1


def test_news_that_is_matched_too_late_is_held_in_one_mail_until_released(store: Store) -> None:
    subscribe(store)
    items = [archive(store, name) for name in ("one", "two")]
    late = [item.model_copy(update={"first_seen": item.first_seen - timedelta(hours=49)}) for item in items]
    with store.writing() as session:
        row = session.exec(select(SubscriptionRow)).one()
        row.confirmed_at = late[0].first_seen - timedelta(days=1)
        session.add(row)
        lifecycle.bump(session)
    assert mail_through(store, *late) == []
    (held,) = ledger(store)
    assert (held.state, held.late, held.items) == (State.HELD, True, 2)
    with store.writing() as session:
        deliveries.release(session, held.id, store.now(session))
    (mail,) = deliver_all(store)
    assert "Meldung one" in mail.text
    assert "Meldung two" in mail.text


def test_a_second_item_of_a_mailed_story_mails_nobody(store: Store) -> None:
    subscribe(store)
    assert len(mail_through(store, archive(store, "one"))) == 1
    second = archive(store, "two").model_copy(update={"story": "one"})
    assert mail_through(store, second) == []


def test_a_story_counts_under_every_name_that_a_merge_gave_it(store: Store) -> None:
    subscribe(store)
    assert len(mail_through(store, archive(store, "one"), archive(store, "two"))) == 2
    third = archive(store, "three")
    with store.writing() as session:
        merge(session, ["one", "two", "three"], store.now(session))
    assert mail_through(store, third) == []


def test_stories_merged_between_match_and_mail_are_one_mail(store: Store) -> None:
    subscribe(store)
    match(store, archive(store, "one"), archive(store, "two"))
    with store.writing() as session:
        merge(session, ["one", "two"], store.now(session))
    assert len(deliver_all(store)) == 1
    assert len(all_matches(store)) == 1


def test_a_story_that_waits_for_a_digest_is_past_when_a_mailed_one_merges_into_it(store: Store) -> None:
    subscribe(store, query="title:one", every="weekly")
    subscribe(store, query="title:two", every="instant")
    assert len(mail_through(store, archive(store, "one"), archive(store, "two"))) == 1
    with store.writing() as session:
        merge(session, ["one", "two"], store.now(session))
        session.execute(update(MatchRow).values(due_at=store.now(session)))  # the digest looks again
    assert deliver_all(store) == []
    assert [row.delivery_id is None for row in all_matches(store)] == [False]


def test_an_instant_subscription_takes_over_a_story_that_waits_for_a_digest(store: Store) -> None:
    subscribe(store, query="title:one", every="daily")
    subscribe(store, query="title:two", every="instant")
    assert mail_through(store, archive(store, "one")) == []
    second = archive(store, "two").model_copy(update={"story": "one"})
    assert len(mail_through(store, second)) == 1
    assert len(all_matches(store)) == 1


# The ledger


def test_an_operator_holds_releases_and_discards(store: Store) -> None:
    subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    (waiting,) = ledger(store)
    with store.writing() as session:
        deliveries.hold(session, waiting.id)
    assert deliver_all(store) == []
    with store.writing() as session:
        deliveries.release(session, waiting.id, store.now(session))
    assert len(deliver_all(store)) == 1
    with store.writing() as session, pytest.raises(NotFound):
        deliveries.discard(session, waiting.id)


def test_the_count_names_every_state(store: Store) -> None:
    with store.reading() as session:
        assert deliveries.counts(session) == dict.fromkeys(
            ("pending", "sending", "sent", "failed", "held", "unknown"), 0
        )


def test_confirmations_and_operator_mails_go_before_others(store: Store) -> None:
    subscribe(store)
    match(store, *(archive(store, f"i{n}") for n in range(3)))
    assign_all(store)
    with store.writing() as session:
        now = store.now(session)
        told = {"recipient": "ops@example.org", "subject": "Sick sources", "body": "dfki"}
        assert enqueue_operator_mail(session, now, key="sick/1", **told)
        assert not enqueue_operator_mail(session, now, key="sick/1", **told)
    ask(store, "new@example.org")
    recipients = [mail.recipient for mail in deliver_all(store)]
    assert set(recipients[:2]) == {"ops@example.org", "new@example.org"}
    assert recipients[2:] == [LESER] * 3


def test_two_senders_never_send_the_same_mail(store: Store) -> None:
    subscribe(store)
    match(store, *(archive(store, f"i{n}") for n in range(12)))
    assign_all(store, per_hour=0)
    sent: list[str] = []

    def send(instance: str) -> None:
        sent.extend(mail.delivery for mail in deliver_all(store, instance))

    threads = [threading.Thread(target=send, args=(f"sender-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == len(set(sent)) == 12
