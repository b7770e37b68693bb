"""A click on a leave link ends what sends such mails now, however old the mail is. On both databases."""

import re
from datetime import timedelta

import pytest
from sqlmodel import delete, select, update

from services.notifier.mime import Mail
from shared.archive.stories import merge
from shared.errors import BadLink
from shared.store import Store
from shared.subscriptions import deliveries, lifecycle, own, people
from shared.subscriptions.keys import Keys
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.tables import MatchRow, MatchSubscriptionRow, SubscriptionRow
from shared.subscriptions.version import version
from shared.subscriptions.words import Every
from tests.mailing import (
    KEYS,
    LESER,
    LINKS,
    all_matches,
    archive,
    assign_all,
    deliver_all,
    ledger,
    mail_through,
    match,
    subscribe,
)


def header(mail: Mail) -> str:
    """The token of the mail's List-Unsubscribe."""
    return dict(mail.headers)["List-Unsubscribe"].strip("<>").rpartition("/")[2]


def click(store: Store, token: str, keys: Keys = KEYS) -> tuple[Subscription, ...]:
    with store.writing() as session:
        return lifecycle.leave(session, token, store.now(session), keys=keys)


def active(store: Store, address: str = LESER) -> list[tuple[str, str]]:
    with store.reading() as session:
        return sorted(
            (each.query, each.every) for each in people.find(session, address).subscriptions if each.active
        )


def change(store: Store, subscription: Subscription, **changes: str) -> None:
    with store.writing() as session:
        lifecycle.change(session, subscription.id, store.now(session), keys=KEYS, **changes)  # type: ignore[arg-type]


def mailed(store: Store, name: str = "one") -> Mail:
    (mail,) = mail_through(store, archive(store, name))
    return mail


def test_a_mail_of_55_subscriptions_is_sent_and_one_click_ends_them_all(store: Store) -> None:
    for number in range(55):
        subscribe(store, query=f"theme:energy OR title:nothing{number}")
    subscribe(store, query="theme:health")
    mail = mailed(store)
    assert max(map(len, mail.as_bytes().split(b"\r\n"))) < 998
    assert len(click(store, header(mail))) == 55
    assert active(store) == [("theme:health", "instant")]


def test_a_click_ends_what_the_mail_carried_and_nothing_else(store: Store) -> None:
    subscribe(store, query="theme:energy")
    subscribe(store, query="theme:health")
    subscribe(store, "other@example.org", query="theme:energy")
    mail = next(mail for mail in mail_through(store, archive(store, "one")) if mail.recipient == LESER)
    assert [each.query for each in click(store, header(mail))] == ["theme:energy"]
    assert active(store) == [("theme:health", "instant")]
    assert active(store, "other@example.org") == [("theme:energy", "instant")]


def test_a_link_that_names_its_subscriptions_still_works(store: Store) -> None:
    first, second = subscribe(store, query="theme:energy"), subscribe(store, query="theme:ai")
    subscribe(store, query="theme:health")
    click(store, sign(KEYS, Purpose.LEAVE, f"{first.id}-{second.id}"))
    assert active(store) == [("theme:health", "instant")]


@pytest.mark.parametrize("whole", [True, False], ids=["header", "footer"])
def test_a_click_in_an_old_mail_ends_the_successor_and_its_successor(store: Store, whole: bool) -> None:
    first = subscribe(store, every="instant")
    mail = mailed(store)
    subscribe(store, every="daily")
    last = subscribe(store, every="weekly")
    token = header(mail) if whole else LINKS.leave("de", first.id).rpartition("/")[2]
    assert {each.id for each in click(store, token)} >= {first.id, last.id}
    assert active(store) == []


def test_a_successor_whose_query_was_changed_since_is_still_the_successor(store: Store) -> None:
    first = subscribe(store)
    mail = mailed(store)
    last = subscribe(store, every="weekly")
    change(store, last, query="theme:health")
    click(store, header(mail))
    assert active(store) == []
    assert first.id != last.id


def test_who_left_and_came_back_leaves_again_by_the_old_mail(store: Store) -> None:
    subscribe(store)
    mail = mailed(store)
    click(store, header(mail))
    subscribe(store, query="Theme:Energy", every="daily")
    subscribe(store, query="theme:health")
    click(store, header(mail))
    assert active(store) == [("theme:health", "instant")]


def test_who_was_forgotten_and_came_back_leaves_again_by_the_old_mail(store: Store) -> None:
    first = subscribe(store)
    mail = mailed(store)
    for token in (header(mail), LINKS.leave("de", first.id).rpartition("/")[2]):
        with store.writing() as session:
            people.erase(session, LESER, store.now(session), keys=KEYS)
        assert click(store, token) == ()
        subscribe(store, every="daily")
        subscribe(store, query="theme:health")
        click(store, token)
        assert active(store) == [("theme:health", "instant")]


def test_who_came_back_after_the_key_for_addresses_was_changed_is_found_too(store: Store) -> None:
    subscribe(store)
    mail = mailed(store)
    with store.writing() as session:
        people.erase(session, LESER, store.now(session), keys=KEYS)
    newer = Keys(KEYS.signing, (b"a newer key", *KEYS.hashing))
    wish = ("theme:energy", "daily", "de")
    with store.writing() as session:
        lifecycle.add_confirmed(session, store.now(session), "other@example.org", *wish, keys=newer)
        lifecycle.add_confirmed(session, store.now(session), LESER, *wish, keys=newer)
    click(store, header(mail), newer)
    assert active(store) == []
    assert active(store, "other@example.org") == [("theme:energy", "daily")]


def test_a_mail_from_before_a_change_of_query_ends_what_sends_the_old_query_now(store: Store) -> None:
    changed = subscribe(store, query="theme:energy")
    mail = mailed(store)
    change(store, changed, query="theme:health")
    subscribe(store, query="theme:energy", every="daily")
    click(store, header(mail))
    assert active(store) == []


def test_a_click_in_a_new_mail_leaves_alone_what_the_subscription_used_to_be_about(store: Store) -> None:
    changed = subscribe(store, query="theme:health")
    change(store, changed, query="theme:energy")
    subscribe(store, query="theme:health", every="daily")
    click(store, header(mailed(store)))
    assert active(store) == [("theme:health", "daily")]


def test_after_a_restore_that_lost_the_mail_its_link_ends_all_of_its_reader(store: Store) -> None:
    subscribe(store)
    other = subscribe(store, "other@example.org")
    lost = sign(KEYS, Purpose.LEAVE, f"m{'0' * 32}-{people_id(store)}")
    assert [each.query for each in click(store, lost)] == ["theme:energy"]
    assert active(store) == []
    assert active(store, "other@example.org") == [(other.query, "instant")]


def people_id(store: Store) -> str:
    with store.reading() as session:
        return people.find(session, LESER).id


def test_the_link_of_a_mail_outlives_a_merge_of_its_story(store: Store) -> None:
    subscribe(store, query="title:one", every="instant")
    subscribe(store, query="title:two", every="weekly")
    (mail,) = mail_through(store, archive(store, "one"), archive(store, "two"))
    with store.writing() as session:
        merge(session, ["one", "two"], store.now(session))
        session.execute(update(MatchRow).values(due_at=store.now(session)))
    assert deliver_all(store) == []
    assert len(all_matches(store)) == 1
    click(store, header(mail))
    assert active(store) == [("title:two", "weekly")]  # it did not speak in the mail


def test_another_installations_token_for_a_mail_opens_nothing(store: Store) -> None:
    subscribe(store)
    mail = mailed(store)
    with pytest.raises(BadLink):
        click(store, header(mail), Keys((b"another",), (b"x",)))
    assert active(store) == [("theme:energy", "instant")]


def test_leaving_all_ends_open_wishes_too(store: Store) -> None:
    subscription = subscribe(store)
    with store.writing() as session:
        now = store.now(session)
        lifecycle.request(session, now, LESER, "theme:ai", "daily", "de", keys=KEYS)
        own.leave_all(session, subscription.person, now, keys=KEYS)
    with store.reading() as session:
        assert all(row.ended_at for row in session.exec(select(SubscriptionRow)).all())


def test_a_repeated_click_costs_no_matcher_anything(store: Store) -> None:
    subscribe(store)
    mail = mailed(store)
    click(store, header(mail))
    with store.reading() as session:
        before = version(session)
    click(store, header(mail))
    with store.reading() as session:
        assert version(session) == before


@pytest.mark.parametrize("added", [".", ")", ">", ",", "/", " ", "%20", "%2E", "%252E", "...", "=", "\u200b", "”"])
def test_what_mail_programs_add_to_a_link_takes_nothing_from_it(store: Store, added: str) -> None:
    subscribe(store)
    mail = mailed(store)
    click(store, header(mail) + added)
    assert active(store) == []


def test_a_link_in_capitals_and_percent_signs_is_the_link(store: Store) -> None:
    subscribe(store)
    token = header(mailed(store))
    click(store, re.sub(r"[.-]", lambda sign: f"%{ord(sign[0]):02X}", token).upper())
    assert active(store) == []


# What a replaced subscription had waiting


def test_what_waited_for_a_replaced_subscription_comes_as_its_successor_writes(store: Store) -> None:
    subscribe(store, every="weekly")
    assert mail_through(store, archive(store, "one")) == []
    subscribe(store, every="instant")
    assert len(deliver_all(store)) == 1


def test_what_was_on_its_way_when_a_subscription_was_replaced_still_comes(store: Store) -> None:
    subscribe(store, every="daily")
    item = archive(store, "one")  # archived, and not matched yet
    subscribe(store, every="instant")
    match(store, item)
    assert len(deliver_all(store)) == 1


@pytest.mark.parametrize("held", [False, True])
def test_a_mail_that_waits_for_its_relay_goes_in_the_name_of_the_successor(store: Store, held: bool) -> None:
    subscribe(store, every="instant")
    match(store, archive(store, "one"))
    assign_all(store)
    if held:
        with store.writing() as session:
            deliveries.hold(session, ledger(store)[0].id)
    subscribe(store, every="weekly")
    if held:
        with store.writing() as session:
            deliveries.release(session, ledger(store)[0].id, store.now(session))
    (mail,) = deliver_all(store)
    assert "montags um 7 Uhr" in mail.text
    click(store, header(mail))
    assert active(store) == []


def test_a_successor_speaks_once_for_what_both_found(store: Store) -> None:
    subscribe(store, query="theme:energy", every="weekly")
    subscribe(store, query="Netz", every="weekly")
    match(store, archive(store, "one"))
    subscribe(store, query="theme:energy", every="daily")
    (waiting,) = all_matches(store)
    assert waiting.every == Every.DAILY
    with store.reading() as session:
        modes = session.exec(select(MatchSubscriptionRow.every)).all()
    assert sorted(modes) == ["daily", "weekly"]
    assert deliver_all(store) == []  # tomorrow at seven


def test_preferences_of_a_replaced_subscription_are_its_successors(store: Store) -> None:
    first = subscribe(store, every="instant")
    last = subscribe(store, every="daily")
    change(store, first, every="weekly")
    with store.reading() as session:
        token = sign(KEYS, Purpose.PREFERENCES, first.id)
        now = store.now(session) + timedelta(days=900)
        (shown,) = lifecycle.subscription_for(session, token, now, keys=KEYS, purpose=Purpose.PREFERENCES)
    assert (shown.id, shown.every) == (last.id, Every.WEEKLY)


def test_a_click_after_the_matches_of_a_mail_are_gone_still_ends_something(store: Store) -> None:
    subscribe(store)
    mail = mailed(store)
    with store.writing() as session:  # no code does so today; a retention may
        session.execute(delete(MatchSubscriptionRow))
        session.execute(delete(MatchRow))
    click(store, header(mail))
    assert active(store) == []
