""" "Updated" mails: to who asked for them and was mailed the story, once a day, with what came and what went."""

from datetime import timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest

from services.notifier import updates
from services.notifier.matching import Matcher
from services.notifier.mime import Mail
from shared.items import ArchivedItem
from shared.store import Store
from shared.subscriptions import lifecycle
from shared.subscriptions.options import Options
from shared.subscriptions.version import changing
from tests.archived import NOON
from tests.fakes import FakeClock
from tests.mailing import KEYS, LESER, archive, deliver_all, mail_through, records, subscribe

STAYS = "Das Netz wächst im Norden. Die Leitstelle läuft in eigener Hand. Der Bund fördert das Vorhaben."
OLD = f"{STAYS} Die Arbeiten beginnen im kommenden Jahr."
NEW = f"{STAYS} Die Arbeiten sind bis auf Weiteres gestoppt."


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def wants_updates(store: Store, **options: Any) -> None:
    with changing(store) as session:
        lifecycle.add_confirmed(
            session,
            store.now(session),
            LESER,
            "theme:energy",
            "instant",
            "de",
            keys=KEYS,
            options=Options(updates=True, **options),
        )


def mailed(store: Store, clock: FakeClock, item_id: str = "one", text: str = OLD) -> None:
    assert len(mail_through(store, archive(store, item_id, text=text))) == 1
    clock.advance(minutes=1)


def revised(store: Store, clock: FakeClock, item_id: str = "one", text: str = NEW, per_hour: int = 10) -> None:
    """The publisher changes the item, and its event comes through."""
    clock.advance(minutes=1)
    item = archive(store, item_id, text=text, fetched_at=NOON + (clock.now() - FakeClock().now()))
    arrives(store, item, per_hour)


def arrives(store: Store, item: ArchivedItem, per_hour: int = 10) -> None:
    matcher = Matcher(store)
    matcher.handle(records(item))
    updates.look(store, matcher.again, per_hour)


def mails(store: Store, clock: FakeClock, **later: float) -> list[Mail]:
    clock.advance(**later)
    return deliver_all(store)


def subject(mail: Mail) -> str:
    return str(make_header(decode_header(dict(mail.headers)["Subject"])))


def test_a_real_change_is_mailed_marked_with_the_difference_and_a_leave_link(
    store: Store, clock: FakeClock
) -> None:
    wants_updates(store)
    mailed(store, clock)
    revised(store, clock)
    assert mails(store, clock) == []  # who corrects a text corrects it twice
    (mail,) = mails(store, clock, minutes=15)
    assert subject(mail) == "Aktualisiert: Meldung one"
    assert mail.text.startswith("AKTUALISIERT AM 2. MÄRZ 2026")
    assert "+ Die Arbeiten sind bis auf Weiteres gestoppt." in mail.text
    assert "- Die Arbeiten beginnen im kommenden Jahr." in mail.text
    assert "Leitstelle" not in mail.text
    assert "<ins>" in (mail.html or "")
    assert "<del>" in (mail.html or "")
    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/de/leave/" in headers["List-Unsubscribe"]
    assert mails(store, clock, days=3) == []


def test_who_did_not_ask_hears_nothing(store: Store, clock: FakeClock) -> None:
    subscribe(store)
    mailed(store, clock)
    revised(store, clock)
    assert mails(store, clock, days=3) == []


def test_who_was_not_mailed_the_story_hears_nothing_of_its_change(store: Store, clock: FakeClock) -> None:
    wants_updates(store)
    item = archive(store, "one", text=OLD)
    arrives(store, item)
    revised(store, clock)  # before the mail goes: it says the new words
    (mail,) = mails(store, clock, minutes=1)
    assert subject(mail) == "Meldung one"
    assert mails(store, clock, days=3) == []


@pytest.mark.parametrize(
    "text", [OLD.replace(" ", "\n"), OLD.replace("wächst", "waechst"), f"{OLD}\nStand: 4. März 2026"]
)
def test_what_is_only_put_right_mails_nobody(store: Store, clock: FakeClock, text: str) -> None:
    wants_updates(store)
    mailed(store, clock)
    revised(store, clock, text=text)
    assert mails(store, clock, days=3) == []


def test_what_was_put_back_before_its_mail_went_mails_nobody(store: Store, clock: FakeClock) -> None:
    wants_updates(store)
    mailed(store, clock)
    revised(store, clock)
    revised(store, clock, text=f"{OLD} ")
    assert mails(store, clock, days=3) == []


def test_a_second_change_of_a_day_waits_for_the_next_and_tells_from_what_was_told(
    store: Store, clock: FakeClock
) -> None:
    wants_updates(store)
    mailed(store, clock)
    revised(store, clock)
    assert len(mails(store, clock, minutes=15)) == 1
    revised(store, clock, text=f"{NEW} Der Minister trat am Abend zurück.")
    revised(store, clock, text=f"{NEW} Der Minister trat am späten Abend doch zurück.")
    assert mails(store, clock, hours=6) == []
    (mail,) = mails(store, clock, hours=18)
    assert "+ Der Minister trat am späten Abend doch zurück." in mail.text
    assert "gestoppt" not in mail.text


def test_a_storm_of_changes_is_one_bundle(store: Store, clock: FakeClock) -> None:
    wants_updates(store)
    names = ("one", "two", "three", "four", "five")
    for name in names:
        mailed(store, clock, name, text=f"{OLD} Dies geschah im Ort {name} bei {name}.")
    clock.advance(hours=2)
    for name in names:
        revised(store, clock, name, text=f"{NEW} Dies geschah im Ort {name} bei {name}.", per_hour=2)
    found = mails(store, clock, hours=1)
    assert len(found) == 3
    assert sorted(map(subject, found))[0] == "Aktualisiert: 3 Veröffentlichungen"


def test_a_pause_and_an_end_hold_it(store: Store, clock: FakeClock) -> None:
    wants_updates(store)
    mailed(store, clock)
    revised(store, clock)
    with changing(store) as session:
        rows = lifecycle.all_subscriptions(session)
        (one,) = next(iter(rows.values()))
        lifecycle.end(
            session,
            [lifecycle.active(session, one.id)],
            clock.now() + timedelta(0),
            keys=KEYS,
            reason="left",
            origin="test",
        )
    assert mails(store, clock, days=1) == []


def test_quiet_hours_hold_it_until_they_are_over(store: Store, clock: FakeClock) -> None:
    wants_updates(store, quiet_from=11, quiet_until=14)  # here, which is an hour ahead
    mailed(store, clock)
    clock.advance(hours=1)
    revised(store, clock)
    assert mails(store, clock, hours=2) == []
    assert len(mails(store, clock, hours=1, minutes=30)) == 1
