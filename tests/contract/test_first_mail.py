"""The first mail after a confirmation: the latest that the archive has, marked as such, never again as news."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from services.notifier.first import introduce
from services.notifier.mime import Mail
from shared.archive.corrections import correct
from shared.archive.stories import LOCK, merge
from shared.items import Purpose
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.held import hold_open
from shared.subscriptions.issues import issue
from shared.subscriptions.links import Purpose as LinkPurpose
from shared.subscriptions.links import confirm_token, sign
from shared.subscriptions.tables import SubscriptionRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Kind, State
from tests.archived import NOON, a_verdict
from tests.fakes import FakeClock
from tests.mailing import (
    KEYS,
    all_matches,
    archive,
    ask,
    deliver_all,
    ledger,
    mail_through,
    match,
    pending,
    subscribe,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))


def fill(store: Store, count: int, **fields: object) -> None:
    for number in range(count):
        archive(store, f"old{number}", published=NOON + timedelta(minutes=number), **fields)


def begin(store: Store, clock: FakeClock, query: str = "theme:energy", every: str = "weekly") -> str:
    """Somebody asks for a subscription and confirms it."""
    clock.advance(minutes=1)
    ask(store, query=query, every=every)
    deliver_all(store)
    with store.reading() as session:
        wish = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.confirmed_at).is_(None))).one()
        token = confirm_token(KEYS, wish.id, wish.requested_at)
    with changing(store) as session:
        return lifecycle.confirm(session, token, store.now(session), keys=KEYS).id


def introduced(store: Store) -> list[Mail]:
    while introduce(store):
        pass
    return deliver_all(store)


def told(mail: Mail) -> list[str]:
    return [line for line in mail.text.splitlines() if line.startswith("Meldung ")]


def test_the_five_latest_come_at_once_marked_as_archive(store: Store, clock: FakeClock) -> None:
    fill(store, 7)
    begin(store, clock)
    (mail,) = introduced(store)
    assert told(mail) == [f"Meldung old{number}" for number in (6, 5, 4, 3, 2)]
    assert "AUS DEM ARCHIV" in mail.text
    assert dict(mail.headers)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert introduced(store) == []


def test_what_stood_there_is_never_mailed_as_new(store: Store, clock: FakeClock) -> None:
    fill(store, 2)
    begin(store, clock, every="instant")
    introduced(store)
    clock.advance(minutes=1)
    again = archive(store, "old1", text="Das Netz wächst weiter.", published=NOON + timedelta(minutes=1))
    assert mail_through(store, again) == []
    new = archive(store, "new")
    assert [told(mail) for mail in mail_through(store, new)] == [["Meldung new"]]


def test_a_new_publication_of_a_shown_story_is_not_news(store: Store, clock: FakeClock) -> None:
    fill(store, 1)
    begin(store, clock, every="instant")
    introduced(store)
    new = archive(store, "new")
    with store.writing() as session:
        store.serialise(session, LOCK)
        merge(session, [all_matches(store)[0].story, new.story], store.now(session))
    assert mail_through(store, new) == []


def test_what_another_subscription_brought_before_does_not_come_again(store: Store, clock: FakeClock) -> None:
    subscribe(store, every="instant", query="Netz")
    clock.advance(minutes=1)
    for name in ("one", "two"):
        item = archive(store, name)
        if name == "one":
            assert len(mail_through(store, item)) == 1
    clock.advance(minutes=1)
    begin(store, clock)
    (mail,) = introduced(store)
    assert "Meldung two" in mail.text
    assert "Meldung one" not in mail.text


def test_what_comes_after_the_confirmation_is_news_and_no_archive(store: Store, clock: FakeClock) -> None:
    begin(store, clock, every="instant")
    clock.advance(minutes=1)
    new = archive(store, "new")
    assert introduced(store) == []
    (mail,) = mail_through(store, new)
    assert "ARCHIV" not in mail.text


def test_old_material_that_entered_in_bulk_may_be_shown_as_archive(store: Store, clock: FakeClock) -> None:
    archive(store, "old", Purpose.BACKFILL)
    begin(store, clock)
    assert len(introduced(store)) == 1


def test_who_finds_nothing_gets_no_mail(store: Store, clock: FakeClock) -> None:
    begin(store, clock)
    assert introduced(store) == []
    assert [mail.kind for mail in ledger(store)] == [Kind.CONFIRM]


def test_who_left_at_once_gets_none(store: Store, clock: FakeClock) -> None:
    fill(store, 1)
    id_ = begin(store, clock)
    with changing(store) as session:
        lifecycle.leave(session, sign(KEYS, LinkPurpose.LEAVE, id_), store.now(session), keys=KEYS)
    assert [mail for mail in introduced(store) if "ARCHIV" in mail.text] == []


def test_a_tag_that_was_corrected_before_it_goes_is_not_shown(store: Store, clock: FakeClock) -> None:
    fill(store, 2)
    begin(store, clock)
    while introduce(store):
        pass
    with store.writing() as session:
        store.serialise(session, LOCK)
        correct(session, "old1", {"energy": 0.0}, store.now(session))
    (mail,) = deliver_all(store)
    assert "old1" not in mail.text


def test_its_leave_link_ends_the_subscription_and_its_page_shows_it(store: Store, clock: FakeClock) -> None:
    fill(store, 2)
    begin(store, clock)
    (mail,) = introduced(store)
    with store.reading() as session:
        assert set(issue(session, mail.delivery).items) == {"old0", "old1"}
    link = dict(mail.headers)["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    with changing(store) as session:
        assert all(each.ended for each in lifecycle.leave(session, link, store.now(session), keys=KEYS))
    assert pending(store).ended_at is not None


def test_what_an_operator_added_or_takes_the_place_of_another_gets_none(store: Store, clock: FakeClock) -> None:
    fill(store, 2)
    subscribe(store, every="daily")
    begin(store, clock, every="weekly")
    assert introduced(store) == []


def test_after_a_restore_nobody_is_owed_one(store: Store, clock: FakeClock) -> None:
    fill(store, 1)
    begin(store, clock)
    with store.writing() as session:
        hold_open(session, store.now(session), "restored")
    assert not introduce(store)
    assert [mail.state for mail in ledger(store) if mail.kind is Kind.FIRST] == []


def test_two_notifiers_make_one(store: Store, clock: FakeClock) -> None:
    """The second finds what the first found, and comes to its transaction later."""
    fill(store, 3)
    begin(store, clock)
    assert introduce(store)
    assert not introduce(store)
    assert [mail.state for mail in ledger(store) if mail.kind is Kind.FIRST] == [State.PENDING]


def test_a_waiting_digest_is_left_alone(store: Store, clock: FakeClock) -> None:
    """A story that waits for its slot under another subscription comes there, as news."""
    subscribe(store, every="daily", query="Netz")
    clock.advance(minutes=1)
    match(store, archive(store, "one", verdict=a_verdict()))
    clock.advance(minutes=1)
    begin(store, clock)
    assert introduced(store) == []
    clock.advance(days=1)
    assert len(deliver_all(store)) == 1
