"""Four weeks without a find: one notice offers wider terms, once for each such stretch."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from services.notifier.mime import Mail
from shared.errors import BadLink, NotFound
from shared.query.wider import wider
from shared.store import Store
from shared.subscriptions import lifecycle, moving, widening
from shared.subscriptions.links import Purpose, sign
from shared.subscriptions.tables import AddressChangeRow, BounceRow, DeliveryRow, MatchRow, PersonRow
from shared.subscriptions.version import changing
from shared.subscriptions.words import Kind
from tests.archived import a_verdict
from tests.fakes import FakeClock
from tests.mailing import KEYS, archive, deliver_all, mail_through, pending, subscribe

WIDEN = re.compile(r"/de/widen/(\S+)")
NARROW = "theme:energy Elektrolyse lang:fr"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))


def notices(store: Store) -> list[Mail]:
    widening.tell_of_emptiness(store)
    return [mail for mail in deliver_all(store) if "vier Wochen" in mail.text]


def pass_weeks(clock: FakeClock, weeks: int = 4) -> None:
    clock.advance(weeks=weeks, minutes=1)


def test_the_notice_comes_after_four_weeks_and_never_a_second_time(store: Store, clock: FakeClock) -> None:
    subscribe(store, query=NARROW)
    clock.advance(weeks=4, minutes=-1)
    assert notices(store) == []
    clock.advance(minutes=2)
    assert len(notices(store)) == 1
    for _ in range(6):
        pass_weeks(clock)
        assert notices(store) == []


def test_after_a_find_it_may_come_again_once(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    pass_weeks(clock)
    assert len(notices(store)) == 1
    clock.advance(days=1)
    assert len(mail_through(store, archive(store, "one"))) == 1
    pass_weeks(clock, 3)
    assert notices(store) == []
    pass_weeks(clock, 1)
    assert len(notices(store)) == 1
    pass_weeks(clock)
    assert notices(store) == []


def test_who_finds_something_is_not_asked(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    clock.advance(weeks=3)
    mail_through(store, archive(store, "one"))
    clock.advance(weeks=3)
    assert notices(store) == []


def test_it_offers_what_would_have_found_something_the_nearest_first(store: Store, clock: FakeClock) -> None:
    subscribe(store, query=NARROW)
    clock.advance(weeks=3)
    for name in ("one", "two"):
        archive(store, name, text="Die Elektrolyse wächst.", published=clock.now())
    archive(store, "fr", verdict=a_verdict(language="fr"), published=clock.now())
    clock.advance(weeks=1, minutes=1)
    (mail,) = notices(store)
    offered = re.findall(r"Weiter gefasst: (.*)", mail.text)
    assert offered == ["Energie, auf Französisch", "Energie, „Elektrolyse“"]
    assert re.findall(r"gefunden: (\d+)", mail.text) == ["1", "2"]


def test_its_link_gives_the_subscription_these_terms_and_works_no_more(store: Store, clock: FakeClock) -> None:
    subscribe(store, query=NARROW)
    clock.advance(weeks=4, minutes=1)
    archive(store, "one", text="Die Elektrolyse wächst.", published=clock.now())
    (mail,) = notices(store)
    (token,) = WIDEN.findall(mail.text)
    with changing(store) as session:
        now = store.now(session)
        assert widening.offered(session, token, now, keys=KEYS)[1] == "theme:energy Elektrolyse"
        assert pending(store).query == NARROW  # looking changes nothing
        assert widening.widen(session, token, now, keys=KEYS).query == "theme:energy Elektrolyse"
        with pytest.raises(NotFound):
            widening.widen(session, token, now, keys=KEYS)
        with pytest.raises(BadLink):
            widening.offered(session, token, now + timedelta(weeks=5), keys=KEYS)


@pytest.mark.parametrize("what", ["paused", "ended", "changed"])
def test_who_paused_left_or_changed_it_is_not_asked(store: Store, clock: FakeClock, what: str) -> None:
    id_ = subscribe(store, query=NARROW).id
    clock.advance(weeks=2)
    with changing(store) as session:
        now = store.now(session)
        if what == "paused":
            lifecycle.pause(session, id_, now + timedelta(weeks=4), now, keys=KEYS)
        elif what == "ended":
            lifecycle.end(session, [lifecycle.active(session, id_)], now, keys=KEYS, reason="", origin="")
        else:
            lifecycle.change(session, id_, now, keys=KEYS, query="theme:energy Elektrolyse")
    pass_weeks(clock, 2)
    assert notices(store) == []


def test_what_is_found_before_the_notice_goes_stops_it(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    pass_weeks(clock)
    widening.tell_of_emptiness(store)
    mails = mail_through(store, archive(store, "one"))
    assert [mail for mail in mails if "vier Wochen" in mail.text] == []


def test_several_silent_subscriptions_share_one_notice(store: Store, clock: FakeClock) -> None:
    for query in (NARROW, "Quark"):
        subscribe(store, query=query)
    pass_weeks(clock)
    (mail,) = notices(store)
    assert "Quark" in mail.text
    assert dict(mail.headers)["List-Unsubscribe"].count("-") == 1  # one link ends both


def test_many_are_told_some_at_a_time_and_each_once(store: Store, clock: FakeClock) -> None:
    for number in range(3):
        subscribe(store, f"reader{number}@example.org")
    pass_weeks(clock)
    assert widening.tell_of_emptiness(store, at_once=2)
    assert not widening.tell_of_emptiness(store, at_once=2)
    assert len(deliver_all(store)) == 3


def test_the_first_match_of_a_time_is_found_among_gaps(store: Store, clock: FakeClock) -> None:
    one, since = subscribe(store), clock.now()
    with store.writing() as session:
        for number in (3, 4, 9, 20, 21, 40):
            at = since + timedelta(hours=number)
            row = MatchRow(id=number, person=one.person, story=str(number), item_id="i", every="daily")
            row.matched_at = row.due_at = at
            session.add(row)
    with store.reading() as session:
        for hours in range(-1, 45):
            later = [number for number in (3, 4, 9, 20, 21, 40) if number > hours]
            first = widening.first_match(session, since + timedelta(hours=hours))
            assert [number for number in (3, 4, 9, 20, 21, 40) if number >= first] == later


def moved(store: Store) -> None:
    with changing(store) as session:
        person, now = session.exec(select(PersonRow)).one(), store.now(session)
        moving.ask(session, person, "new@example.org", now, "de")
        change = session.exec(select(AddressChangeRow)).one()
        moving.move(session, sign(KEYS, Purpose.MOVE, change.id), now, keys=KEYS)


def test_who_moves_before_the_notice_leaves_gets_it_at_the_new_address(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    pass_weeks(clock)
    widening.tell_of_emptiness(store)
    moved(store)
    told = [mail.recipient for mail in deliver_all(store) if "vier Wochen" in mail.text]
    assert told == ["new@example.org"]
    for _ in range(2):
        pass_weeks(clock)
        assert notices(store) == []


@pytest.mark.parametrize("came_back", [True, False])
def test_who_moves_because_mails_came_back_is_told_right_after(
    store: Store, clock: FakeClock, came_back: bool
) -> None:
    subscribe(store)
    pass_weeks(clock)
    assert len(notices(store)) == 1
    if came_back:
        with changing(store) as session:
            sent = session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.WIDER)).one()
            now, person = store.now(session), sent.person or ""
            bounced = BounceRow(delivery=sent.id, person=person, at=now, code="5.1.1", reason="", permanent=True)
            session.add(bounced)
    clock.advance(days=1)
    moved(store)
    assert [mail.recipient for mail in notices(store)] == (["new@example.org"] if came_back else [])
    pass_weeks(clock)
    assert notices(store) == []


def test_wider_terms_find_all_that_the_query_finds_and_more() -> None:
    def near(_: str) -> list[str]:
        return ["health"]

    assert set(wider('theme:energy "grüner Strom"', near)) == {
        '"grüner Strom"',
        "theme:energy",
        '(theme:energy OR theme:health) "grüner Strom"',
        "theme:energy grüner Strom",
    }
    assert wider("Wasserstoff", near) == ()
    assert wider("", near) == ()
    assert wider('title:"Kohle & Stahl"', near) == ("title:Kohle title:Stahl",)
    assert wider('"foo:bar OR Wind"', near) == ("foo bar Wind",)
    assert wider("theme:energy:nonsense(", near) == ()
