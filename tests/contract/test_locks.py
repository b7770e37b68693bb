"""Who waits for whom: transactions of the mail path that meet on PostgreSQL. On SQLite one writes at a time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select, update

from services.collector.app import Catalogue
from services.collector.memory import claimed_rows, release
from services.notifier.assign import assign, people_with_due
from services.notifier.claims import claim
from services.notifier.matching import Matcher
from shared.archive.stories import LOCK, merge
from shared.items import ArchivedItem
from shared.sources.catalogue import source_config
from shared.sources.claims import Claim, claim_due
from shared.sources.store import add_source, list_sources
from shared.store import Store
from shared.subscriptions import deliveries, lifecycle
from shared.subscriptions.deliveries import Delivery
from shared.subscriptions.links import Purpose as Link
from shared.subscriptions.links import confirm_token, sign
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.version import bump, changing
from shared.subscriptions.words import Every, Kind, State
from tests.contract.meeting import Meanwhile, Stopping, stopped
from tests.mailing import (
    EPOCH,
    KEYS,
    all_matches,
    archive,
    ask,
    assign_all,
    ledger,
    mail_through,
    match,
    pending,
    records,
    subscribe,
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def stopping(database_url: str) -> Iterator[Callable[..., Stopping]]:
    """A second way into the same database, whose user stops in its transaction."""
    opened: list[Stopping] = []

    def stopping(**where: Any) -> Stopping:
        opened.append(Stopping(database_url, **where))
        return opened[-1]

    yield stopping
    for each in opened:
        each.close()


def long_confirmed(store: Store) -> None:
    """Everybody's subscriptions hold since days."""
    with changing(store) as session:
        session.execute(update(SubscriptionRow).values(confirmed_at=store.now(session) - timedelta(days=9)))
        bump(session)


def news(store: Store) -> list[Delivery]:
    """The mails but the one that says that somebody left."""
    return [mail for mail in ledger(store) if mail.kind is not Kind.LEFT]


def leave(store: Store, subscription: str) -> None:
    with changing(store) as session:
        token = sign(KEYS, Link.LEAVE, subscription)
        lifecycle.leave(session, token, store.now(session), keys=KEYS)


def change(store: Store, subscription: str, **wish: str) -> None:
    with changing(store) as session:
        lifecycle.change(session, subscription, store.now(session), keys=KEYS, **wish)  # type: ignore[arg-type]


def matching(store: Store, *items: ArchivedItem) -> Callable[[], object]:
    """A matcher at work, as in another process."""
    matcher = Matcher(store)
    return lambda: matcher.handle(records(*items))


# Matching, and a change of the subscriptions


def test_who_leaves_while_matching_runs_keeps_no_match(store: Store, stopping: Callable[..., Stopping]) -> None:
    """The change waits before it looks: else it misses the match that is being written."""
    left = subscribe(store)
    item, matcher = archive(store, "one"), stopping()
    with stopped(matcher, matching(matcher, item)):
        leaving = Meanwhile(lambda: leave(store, left.id))
        leaving.settle(store)
    leaving.join()
    assert all_matches(store) == []


def test_a_changed_query_takes_the_match_along_that_was_being_written(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    changed = subscribe(store)
    item, matcher = archive(store, "one"), stopping()
    with stopped(matcher, matching(matcher, item)):
        changing_it = Meanwhile(lambda: change(store, changed.id, query="theme:health"))
        changing_it.settle(store)
    changing_it.join()
    assert all_matches(store) == []


def test_what_arrives_while_somebody_confirms_is_matched_after_that(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    """A change has its time from under the lock: what is first seen later is not evaluated without it."""
    ask(store)
    asked, confirming = pending(store), stopping(at_time=1)
    knows_nobody = Matcher(store)
    knows_nobody.handle(records(archive(store, "before")))

    def confirm() -> None:
        with changing(confirming) as session:
            token = confirm_token(KEYS, asked.id, asked.requested_at)
            lifecycle.confirm(session, token, confirming.now(session), keys=KEYS)

    with stopped(confirming, confirm):
        item = archive(store, "one")
        evaluating = Meanwhile(lambda: knows_nobody.handle(records(item)))
        evaluating.settle(store)
    evaluating.join()
    assert [row.item_id for row in all_matches(store)] == ["one"]


def test_a_matcher_that_waits_for_the_stories_holds_up_no_change(store: Store) -> None:
    """The lock of the stories comes first: an archivist holds it again and again, and people would wait for it."""
    left = subscribe(store)
    item = archive(store, "one")
    with store.writing() as archivist:
        store.serialise(archivist, LOCK)
        matcher = Meanwhile(matching(store, item))
        matcher.settle(store)
        leaving = Meanwhile(lambda: leave(store, left.id))
        leaving.settle(store, waiting=2)
        left_at_once = leaving.done
    matcher.join()
    leaving.join()
    assert left_at_once
    assert all_matches(store) == []


def test_a_merge_that_is_being_written_counts_for_the_match(store: Store) -> None:
    """Matching waits for the stories: else it takes a part of a mailed story for a story of its own."""
    subscribe(store)
    assert len(mail_through(store, archive(store, "one"))) == 1
    second = archive(store, "two")
    with store.writing() as archivist:
        store.serialise(archivist, LOCK)
        merge(archivist, ["one", "two"], store.now(archivist))
        matcher = Meanwhile(matching(store, second))
        matcher.settle(store)
    matcher.join()
    assert [row.item_id for row in all_matches(store)] == ["one"]


# The ledger


def test_a_late_mail_that_is_being_released_takes_nothing_more(store: Store) -> None:
    """Else an item joins a mail that has left."""
    subscribe(store)
    long_confirmed(store)
    assert mail_through(store, late(store, "one")) == []
    (held,) = ledger(store)
    second = late(store, "two")
    with store.writing() as operator:
        deliveries.release(operator, held.id, store.now(operator))
        matcher = Meanwhile(matching(store, second))
        matcher.settle(store)
    matcher.join()
    first, other = sorted(ledger(store), key=lambda each: each.state != State.PENDING)
    assert (first.state, first.items) == (State.PENDING, 1)
    assert (other.state, other.items, other.late) == (State.HELD, 1, True)


def test_matching_and_assignment_of_the_same_people_never_wait_for_one_another(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    """A match locks its person. An assignment of several people at once would lock them too, in its own order."""
    people = {subscribe(store, f"{name}@example.org", query=f"title:{name}").person: name for name in "ab"}
    match(store, *(archive(store, f"{name}1", title=f"Netz {name}") for name in "ab"))
    with store.reading() as session:
        assigned_first, assigned_last = people_with_due(session, Every.INSTANT, store.now(session))
    items = [
        archive(store, f"{people[each]}2", title=f"Netz {people[each]}")
        for each in (assigned_last, assigned_first)
    ]
    matcher = stopping(at_time=2)  # between the items: the one who is assigned last is locked
    with stopped(matcher, matching(matcher, *items)):
        assigning = Meanwhile(lambda: assign(store, 0))
        assigning.settle(store)
    assigning.join()
    assign_all(store, per_hour=0)
    assert [row.delivery_id is not None for row in all_matches(store)] == [True] * 4


def test_two_that_assign_the_same_person_follow_one_another(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    subscribe(store, query="title:one")
    subscribe(store, query="title:two")
    match(store, archive(store, "one"), archive(store, "two"))
    with store.writing() as session:
        merge(session, ["one", "two"], store.now(session))  # one match will take the other in
    assigning = stopping()
    with stopped(assigning, lambda: assign(assigning, 0)):
        again = Meanwhile(lambda: assign(store, 0))
        again.settle(store)
    again.join()
    assert [mail.items for mail in ledger(store)] == [1]


def test_a_match_that_is_being_assigned_stays_when_its_subscription_goes(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    left = subscribe(store)
    match(store, archive(store, "one"))
    assigning = stopping()
    with stopped(assigning, lambda: assign(assigning, 0)):
        leaving = Meanwhile(lambda: leave(store, left.id))
        leaving.settle(store)
    leaving.join()
    (row,), (mail,) = all_matches(store), news(store)
    assert row.delivery_id == mail.id


def test_a_match_that_is_being_withdrawn_is_not_assigned(store: Store) -> None:
    left = subscribe(store)
    match(store, archive(store, "one"))
    with changing(store) as session:
        lifecycle.leave(session, sign(KEYS, Link.LEAVE, left.id), store.now(session), keys=KEYS)
        assigning = Meanwhile(lambda: assign(store, 0))
        assigning.settle(store)
    assigning.join()
    assert news(store) == []


# Asking


def test_two_wishes_of_one_address_at_once_send_one_confirmation(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    subscribe(store, query="theme:ai")  # the person is known: nothing else makes the second wish wait
    asking = stopping()
    with stopped(asking, lambda: ask(asking, query="theme:energy")):
        again = Meanwhile(lambda: ask(store, query="theme:health"))
        again.settle(store)
    again.join()
    assert [mail.kind for mail in ledger(store)] == [Kind.CONFIRM]


def test_the_same_subscription_added_twice_at_once_is_one(store: Store, stopping: Callable[..., Stopping]) -> None:
    subscribe(store, query="theme:ai")
    adding = stopping()
    with stopped(adding, lambda: subscribe(adding, query="theme:energy")):
        again = Meanwhile(lambda: subscribe(store, query="theme:energy"))
        again.settle(store)
    again.join()
    with store.reading() as session:
        rows = session.exec(select(SubscriptionRow).where(SubscriptionRow.query == "theme:energy")).all()
    assert len(rows) == 1


# Claims


def test_a_source_that_was_polled_while_another_looked_is_not_claimed_again(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    """Between the look and the claim of one collector another may have done the whole poll."""
    with store.writing() as session:
        add_source(session, source_config({"id": "s", "kind": "feed", "url": "https://e.org/f"}, ""), EPOCH)
    looking = stopping(before="UPDATE sources")
    claims: list[Claim] = []

    def claim(by: Store) -> None:
        with by.writing() as session:
            claims.extend(claim_due(session, by.now(session), owner="one", limit=1))

    with stopped(looking, lambda: claim(looking)):
        claim(store)
        with store.writing() as session:
            for polled in claimed_rows(session, claims).values():
                polled.next_due = store.now(session) + timedelta(hours=1)
                release(polled)
    assert len(claims) == 1


def test_two_notifiers_that_look_at_once_claim_one_mail_once(
    store: Store, stopping: Callable[..., Stopping]
) -> None:
    subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    claiming = stopping(before="UPDATE deliveries")
    claims: list[object] = []
    with stopped(claiming, lambda: claims.append(claim(claiming, "one"))):
        again = Meanwhile(lambda: claims.append(claim(store, "two")))
        again.settle(store)
    again.join()
    assert sum(claim is not None for claim in claims) == 1


def test_two_collectors_that_start_at_once_read_one_catalogue(
    store: Store, stopping: Callable[..., Stopping], tmp_path: Path
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text('[[source]]\nid = "s"\nkind = "feed"\nurl = "https://example.org/feed.xml"\n', "utf-8")
    first = stopping()
    with stopped(first, Catalogue(path, first).refresh):
        second = Meanwhile(Catalogue(path, store).refresh)
        second.settle(store)
    second.join()
    with store.reading() as session:
        assert [source.id for source in list_sources(session)] == ["s"]


def late(store: Store, item_id: str) -> ArchivedItem:
    """An item that nobody matched within 48 hours."""
    item = archive(store, item_id)
    return item.model_copy(update={"first_seen": item.first_seen - timedelta(hours=49)})
