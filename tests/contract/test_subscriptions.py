"""From a wish to a mail, on SQLite and on PostgreSQL alike."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from shared.errors import BadAddress, BadInput, BadLink, NotFound, QueryError
from shared.store import Store
from shared.subscriptions import lifecycle, own, people
from shared.subscriptions.consent import consent_of
from shared.subscriptions.explain import Obstacle, explain
from shared.subscriptions.links import Purpose as Link
from shared.subscriptions.links import confirm_token, sign
from shared.subscriptions.preview import would_have_matched
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Consent, Every, Kind, State
from tests.archived import a_verdict
from tests.mailing import (
    KEYS,
    LESER,
    LINKS,
    all_matches,
    archive,
    ask,
    assign_all,
    deliver_all,
    ledger,
    mail_through,
    match,
    pending,
    subscribe,
)

# Asking and confirming


def test_a_wish_holds_only_after_its_link_was_used(store: Store) -> None:
    ask(store)
    (mail,) = mail_through(store, archive(store, "one"))
    assert dict(mail.headers)["Subject"] == "=?utf-8?q?Bitte_best=C3=A4tigen_Sie_Ihr_Abonnement?="
    assert all_matches(store) == []
    row = pending(store)
    with store.writing() as session:
        now = store.now(session)
        token = confirm_token(KEYS, row.id, row.requested_at)
        assert lifecycle.confirm(session, token, now, keys=KEYS).active
        assert lifecycle.confirm(session, token, now, keys=KEYS).active  # again: nothing changes
    assert len(mail_through(store, archive(store, "two"))) == 1


def test_looking_at_a_link_changes_nothing(store: Store) -> None:
    ask(store)
    row = pending(store)
    token = confirm_token(KEYS, row.id, row.requested_at)
    for _ in range(5):
        with store.reading() as session:
            (shown,) = lifecycle.subscription_for(
                session, token, row.requested_at, keys=KEYS, purpose=Link.CONFIRM
            )
            assert not shown.confirmed
    assert pending(store).confirmed_at is None


def test_asking_for_what_holds_already_sends_nothing(store: Store) -> None:
    subscribe(store)
    ask(store)
    assert ledger(store) == ()


def test_a_confirmation_mail_is_not_sent_after_the_answer(store: Store) -> None:
    ask(store)
    row = pending(store)
    with store.writing() as session:
        lifecycle.confirm(session, confirm_token(KEYS, row.id, row.requested_at), row.requested_at, keys=KEYS)
    assert deliver_all(store) == []
    assert [one.state for one in ledger(store)] == [State.DROPPED]


def test_after_seven_days_the_link_and_the_address_are_gone(store: Store) -> None:
    ask(store)
    row = pending(store)
    late = row.requested_at + timedelta(days=7, seconds=1)
    token = confirm_token(KEYS, row.id, row.requested_at)
    with store.writing() as session, pytest.raises(BadLink):
        lifecycle.confirm(session, token, late, keys=KEYS)
    with store.writing() as session:
        mails = people.purge(session, late, keys=KEYS)
        assert len(mails) == 1
        assert people.everybody(session) == ()
    with store.writing() as session, pytest.raises(NotFound):
        lifecycle.confirm(session, token, row.requested_at, keys=KEYS)


def test_the_purge_leaves_subscribers_and_fresh_wishes_alone(store: Store) -> None:
    subscribe(store, "a@example.org")
    ask(store, "b@example.org")
    with store.writing() as session:
        assert people.purge(session, store.now(session) + timedelta(days=6), keys=KEYS) == ()
        assert len(people.everybody(session)) == 2


def test_a_new_mode_for_the_same_query_replaces_the_old_one(store: Store) -> None:
    subscribe(store, every="daily")
    subscribe(store, every="instant")
    with store.reading() as session:
        (person,) = people.everybody(session)
    assert [(each.every, each.active) for each in person.subscriptions] == [
        (Every.DAILY, False),
        (Every.INSTANT, True),
    ]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (("a@b@example.org", "theme:ai", "daily", "de"), BadAddress),
        (("a@example.org\r\nBcc: b@example.org", "theme:ai", "daily", "de"), BadAddress),
        ((LESER, "theme:nothing", "daily", "de"), QueryError),
        ((LESER, '"open quote', "daily", "de"), QueryError),
        ((LESER, "theme:", "daily", "de"), QueryError),
        ((LESER, "see https://spam.example.org", "daily", "de"), QueryError),
        ((LESER, "x" * 1001, "daily", "de"), QueryError),
        ((LESER, "theme:ai", "hourly", "de"), BadInput),
        ((LESER, "theme:ai", "daily", "es"), BadInput),
    ],
)
def test_a_malformed_wish_is_refused_and_leaves_no_trace(
    store: Store, wish: tuple[str, str, str, str], error: type[Exception]
) -> None:
    with store.writing() as session, pytest.raises(error):
        lifecycle.request(session, store.now(session), *wish, keys=KEYS)
    with store.reading() as session:
        assert people.everybody(session) == ()


def test_the_consent_record_tells_the_whole_story_without_the_address(store: Store) -> None:
    ask(store)
    row = pending(store)
    token = confirm_token(KEYS, row.id, row.requested_at)
    with store.writing() as session:
        now = store.now(session)
        lifecycle.confirm(session, token, now, keys=KEYS)
        lifecycle.change(session, row.id, now, keys=KEYS, every="weekly")
        lifecycle.leave(session, sign(KEYS, Link.LEAVE, row.id), now, keys=KEYS)
        lines = consent_of(session, row.person)
    assert [line.event for line in lines] == [
        Consent.REQUESTED,
        Consent.CONFIRMED,
        Consent.CHANGED,
        Consent.ENDED,
    ]
    assert [line.every for line in lines] == ["instant", "instant", "weekly", "weekly"]
    assert lines[0].token_id == lines[1].token_id != ""
    assert LESER not in repr(lines)


# Changing and leaving


def preferences(store: Store, subscription: str, **change: str) -> None:
    with store.writing() as session:
        lifecycle.change(session, subscription, store.now(session), keys=KEYS, **change)  # type: ignore[arg-type]


def test_a_waiting_match_follows_its_subscription_to_the_new_mode(store: Store) -> None:
    subscription = subscribe(store, every="weekly")
    assert mail_through(store, archive(store, "one")) == []
    preferences(store, subscription.id, every="instant")
    assert len(deliver_all(store)) == 1


def test_a_waiting_match_goes_with_the_query_that_found_it(store: Store) -> None:
    subscription = subscribe(store, every="weekly")
    mail_through(store, archive(store, "one"))
    preferences(store, subscription.id, query="theme:health")
    assert all_matches(store) == []


def test_a_waiting_match_stays_while_another_subscription_speaks_for_it(store: Store) -> None:
    first = subscribe(store, query="theme:energy", every="instant")
    subscribe(store, query="Netz", every="weekly")
    match(store, archive(store, "one"))
    with store.writing() as session:
        lifecycle.leave(session, sign(KEYS, Link.LEAVE, first.id), store.now(session), keys=KEYS)
    assert [match.every for match in all_matches(store)] == [Every.WEEKLY]
    assert [mail.kind for mail in ledger(store)] == [Kind.LEFT]


def test_leaving_stops_a_mail_that_waits_already(store: Store) -> None:
    subscription = subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    token = LINKS.leave("de", subscription.id).rpartition("/")[2]
    with store.writing() as session:
        assert [each.ended for each in lifecycle.leave(session, token, store.now(session), keys=KEYS)] == [True]
        lifecycle.leave(session, token, store.now(session), keys=KEYS)  # again: nothing changes
    assert len(deliver_all(store)) == 1  # the way back
    assert {(one.kind, one.state, one.error) for one in ledger(store)} == {
        (Kind.LEFT, State.SENT, ""),
        (
            Kind.INSTANT,
            State.DROPPED,
            "not sent: nothing is left to say: subscriptions ended, or no longer find what the mail was about",
        ),
    }


def test_leave_all_ends_every_subscription_of_the_person(store: Store) -> None:
    first = subscribe(store, query="theme:energy")
    subscribe(store, query="theme:health")
    other = subscribe(store, "other@example.org")
    with store.writing() as session:
        own.leave_all(session, first.person, store.now(session), keys=KEYS)
        assert not any(each.active for each in lifecycle.subscriptions_of(session, first.person))
        assert all(each.active for each in lifecycle.subscriptions_of(session, other.person))


def test_no_link_opens_a_subscription_that_was_erased(store: Store) -> None:
    subscription = subscribe(store)
    with store.writing() as session:
        now = store.now(session)
        people.erase(session, LESER, now, keys=KEYS)
        assert lifecycle.leave(session, sign(KEYS, Link.LEAVE, subscription.id), now, keys=KEYS) == ()
        with pytest.raises(NotFound):
            lifecycle.change(session, subscription.id, now, keys=KEYS, every="daily")


def test_erasing_leaves_the_consent_and_no_person(store: Store) -> None:
    subscription = subscribe(store)
    mail_through(store, archive(store, "one"))
    with store.writing() as session:
        mails = people.erase(session, "Leser@Example.org", store.now(session), keys=KEYS)
    assert len(mails) == 1
    assert ledger(store) == ()
    with store.reading() as session:
        assert people.everybody(session) == ()
        assert [line.event for line in consent_of(session, subscription.person)][-1] is Consent.ENDED


# Explaining and previewing


def test_an_item_is_explained_leaf_by_leaf_and_by_its_mail(store: Store) -> None:
    subscribe(store, query="theme:energy -Kohle")
    subscribe(store, query="theme:health")
    item = archive(store, "one")
    mail_through(store, item)
    with store.reading() as session:
        found = explain(session, "one", LESER)
    assert [voice.obstacle for voice in found.voices] == [Obstacle.NONE, Obstacle.QUERY]
    assert [finding.part for finding in found.voices[0].findings] == ["theme:energy", "Kohle"]
    assert (found.state, found.every) == (State.SENT, Every.INSTANT)


def test_an_item_from_before_the_subscription_says_so(store: Store) -> None:
    archive(store, "one")
    subscribe(store)
    with store.reading() as session:
        found = explain(session, "one", LESER)
        with pytest.raises(NotFound):
            explain(session, "none", LESER)
    assert [voice.obstacle for voice in found.voices] == [Obstacle.EARLIER]
    assert found.evaluated_at is None


def test_a_query_that_cannot_be_read_any_more_is_said_and_the_others_are_explained(store: Store) -> None:
    subscribe(store, query="theme:energy -Kohle")
    subscribe(store, query="theme:health")
    archive(store, "one")
    with changing(store) as session:
        session.execute(
            update(SubscriptionRow).where(col(SubscriptionRow.query) == "theme:health").values(query="!")
        )
    with store.reading() as session:
        found = explain(session, "one", LESER)
    assert [voice.obstacle for voice in found.voices] == [Obstacle.NONE, Obstacle.UNREAD]


def test_a_preview_counts_what_the_last_month_would_have_brought(store: Store) -> None:
    now = archive(store, "old").first_seen
    for name in ("one", "two"):
        archive(store, name, published=now - timedelta(days=3))
    archive(store, "health", published=now, verdict=a_verdict(themes=("health",)))
    with store.reading() as session:
        found = would_have_matched(session, "theme:energy OR theme:ai", now)
    assert found.count == 2
    assert {each.item_id for each in found.examples} == {"one", "two"}
    assert not found.too_many
