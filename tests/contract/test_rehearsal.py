"""What would be mailed is what is mailed, and looking at it changes nothing. On both databases."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import SQLModel

from services.notifier.mime import Mail
from services.notifier.pen import Pen
from services.notifier.rehearsal import Rehearsal, Rehearsed
from shared.errors import NotFound
from shared.items import Purpose
from shared.store import Store
from shared.subscriptions import deliveries, lifecycle
from shared.subscriptions.version import changing
from shared.subscriptions.wishes import Wish, checked
from shared.subscriptions.words import Kind, State
from tests.archived import NOON
from tests.fakes import FakeClock
from tests.mailing import (
    KEYS,
    LESER,
    LINKS,
    TEMPLATES,
    archive,
    ask,
    assign_all,
    deliver_all,
    ledger,
    mail_through,
    match,
    subscribe,
)

NEW = "neu@example.org"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))


@pytest.fixture
def rehearsal(store: Store) -> Rehearsal:
    return Rehearsal(store, Pen("vigie@example.org", TEMPLATES), lambda _: LINKS, 10)


def every_row(store: Store) -> Mapping[str, Sequence[Any]]:
    with store.reading() as session:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: sorted(map(repr, session.execute(select(table)).all())) for table in tables}


def mails(found: Sequence[Rehearsed]) -> list[Mail]:
    return [one.mail for one in found if one.mail is not None]


def but_for_ids(mail: Mail) -> bytes:
    """A mail that is made twice has another id each time, and its links are signed for that."""
    joined = b"".join(mail.as_bytes().split(b"=\r\n"))
    return re.sub(rb"[0-9a-f]{32}|https://vigie.example.org/[^\s>\"]+", b"", joined)


def a_wish(every: str, address: str = NEW, query: str = "theme:energy") -> Wish:
    return checked(address, query, every, "de")


def test_what_stands_in_the_ledger_is_shown_byte_for_byte(store: Store, rehearsal: Rehearsal) -> None:
    subscribe(store)
    ask(store, address=NEW)
    match(store, archive(store, "one"))
    assign_all(store)
    before = every_row(store)
    shown = rehearsal.now()
    assert every_row(store) == before
    assert [one.as_bytes() for one in mails(shown)] == [one.as_bytes() for one in deliver_all(store)]
    assert [one.kind for one in shown] == [Kind.CONFIRM, Kind.INSTANT]


@pytest.mark.parametrize("every", ["instant", "daily", "weekly"])
def test_what_was_only_matched_is_shown_as_it_will_go(
    store: Store, rehearsal: Rehearsal, clock: FakeClock, every: str
) -> None:
    subscribe(store, every=every)
    match(store, archive(store, "one"), archive(store, "two"))
    before = every_row(store)
    shown = rehearsal.now(LESER) if every == "instant" else rehearsal.next(LESER)
    assert every_row(store) == before
    clock.advance(seconds=(max(one.at for one in shown) - clock.now()).total_seconds())
    assert sorted(map(but_for_ids, mails(shown))) == sorted(map(but_for_ids, deliver_all(store)))
    assert len(mails(shown)) == (2 if every == "instant" else 1)


def test_nothing_is_due_before_its_hour_and_the_hour_is_said(store: Store, rehearsal: Rehearsal) -> None:
    subscribe(store, every="daily")
    match(store, archive(store, "one"))
    assert rehearsal.now() == rehearsal.now(LESER) == ()
    assert rehearsal.next_at(LESER) == datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
    assert len(rehearsal.next(LESER)) == 1


def test_a_wish_shows_the_confirmation_the_first_mail_and_the_news(
    store: Store, rehearsal: Rehearsal, clock: FakeClock
) -> None:
    archive(store, "old", purpose=Purpose.BACKFILL, published=NOON)
    archive(store, "new")
    clock.advance(minutes=1)
    before = every_row(store)
    shown = rehearsal.wish(a_wish("weekly"))
    assert every_row(store) == before
    assert [one.kind for one in shown] == [Kind.CONFIRM, Kind.FIRST, Kind.DIGEST]
    confirmation, first, digest = mails(shown)
    assert {mail.recipient for mail in mails(shown)} == {NEW}
    assert "Meldung" not in confirmation.text
    assert "Meldung old" in first.text
    assert "Meldung new" in first.text
    assert "Meldung new" in digest.text
    assert "Meldung old" not in digest.text  # it came in bulk: nobody is mailed it as news
    assert shown[-1].at == datetime(2026, 3, 9, 6, 0, tzinfo=UTC)


def test_a_wish_that_writes_at_once_shows_the_newest_story(store: Store, rehearsal: Rehearsal) -> None:
    archive(store, "new", published=NOON)
    archive(store, "newer", published=NOON.replace(hour=13))
    (mail,) = mails(rehearsal.wish(a_wish("instant"), confirmed=True))
    assert "Meldung newer" in mail.text
    assert "Meldung new\n" not in mail.text


def test_who_has_it_already_is_asked_nothing(store: Store, rehearsal: Rehearsal) -> None:
    subscribe(store, every="daily")
    archive(store, "new")
    assert [one.kind for one in rehearsal.wish(a_wish("daily", LESER))] == [Kind.DIGEST]
    assert ledger(store) == ()


def test_what_is_not_wanted_any_more_is_no_mail_and_says_why(store: Store, rehearsal: Rehearsal) -> None:
    wanted = subscribe(store)
    match(store, archive(store, "one"))
    assign_all(store)
    with changing(store) as session:
        rows = [lifecycle.active(session, wanted.id)]
        lifecycle.end(session, rows, store.now(session), keys=KEYS, reason="test", origin="test")
    (one,) = rehearsal.now()
    assert one.mail is None
    assert one.reason.startswith("nothing is left to say")


def test_held_and_sent_mails_are_shown_by_their_id(store: Store, rehearsal: Rehearsal) -> None:
    subscribe(store)
    (sent,) = mail_through(store, archive(store, "one"))
    (one,) = rehearsal.these([sent.delivery])
    assert one.state is State.SENT
    assert one.mail is not None
    assert one.mail.as_bytes() == sent.as_bytes()
    match(store, archive(store, "two"))
    assign_all(store)
    waiting = next(each.id for each in ledger(store) if each.state is State.PENDING)
    with store.writing() as session:
        deliveries.hold(session, waiting)
    assert rehearsal.now() == ()
    assert "Meldung two" in mails(rehearsal.these([waiting]))[0].text
    with pytest.raises(NotFound):
        rehearsal.these(["0" * 32])


def test_a_table_that_nobody_compares_would_be_missed(store: Store) -> None:
    """`every_row` sees them all."""
    with store.reading() as session:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if not store.sqlite:
            named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        there = {name for (name,) in session.execute(text(named)).all() if "deliver" in name or "match" in name}
    assert there
    assert there <= set(every_row(store))
