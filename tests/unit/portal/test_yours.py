"""What people do for themselves: by a link that they ask for, and by those of mails, which may be forwarded."""

import json
import re

import pytest
from sqlmodel import select

from shared.subscriptions.links import Purpose
from shared.subscriptions.tables import DeliveryRow, PersonRow
from shared.subscriptions.words import Kind
from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal


def mails(portal: Portal, kind: Kind) -> list[DeliveryRow]:
    with portal.store.reading() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == kind)).all()
    return sorted(rows, key=lambda row: row.created_at)


def people(portal: Portal) -> dict[str, str]:
    """address -> id"""
    with portal.store.reading() as session:
        return {row.address: row.id for row in session.exec(select(PersonRow)).all()}


def hour(portal: Portal, language: str = "en") -> str:
    """The page of everything, opened as its reader does."""
    portal.post(f"/{language}/links", {"address": ADDRESS})
    mail = mails(portal, Kind.LINKS)[-1]
    token = portal.token(Purpose.OPEN, f"{mail.person}-{mail.id}")
    answer = portal.post(f"/{language}/open/{token}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def by_mail(portal: Portal, purpose: Purpose, subject: str, language: str = "en") -> str:
    return f"/{language}/{purpose}/{portal.token(purpose, subject)}"


# Asking for the link


def test_asking_says_the_same_to_everybody_and_mails_only_who_has_something(portal: Portal) -> None:
    portal.subscribed()
    answers = {portal.post("/de/links", {"address": who}).text for who in (ADDRESS, "nobody@example.org")}
    assert len(answers) == 1
    assert len(mails(portal, Kind.LINKS)) == 1


def test_nobody_is_mailed_links_without_end(portal: Portal) -> None:
    portal.subscribed()
    for _ in range(4):
        portal.post("/de/links", {"address": "READER@example.org"})
    assert len(mails(portal, Kind.LINKS)) == 3
    portal.clock.advance(days=1, minutes=1)
    portal.post("/de/links", {"address": ADDRESS})
    assert len(mails(portal, Kind.LINKS)) == 4


def test_an_address_that_is_none_is_said(portal: Portal) -> None:
    assert portal.post("/de/links", {"address": "nobody"}).status_code == 400


def test_a_link_opens_once_by_a_button_and_for_an_hour(portal: Portal) -> None:
    portal.subscribed()
    portal.post("/en/links", {"address": ADDRESS})
    (mail,) = mails(portal, Kind.LINKS)
    path = by_mail(portal, Purpose.OPEN, f"{mail.person}-{mail.id}")
    before = portal.dump()
    assert [portal.get(path).status_code for _ in range(3)] == [200] * 3
    assert portal.dump() == before
    yours = portal.post(path).headers["location"]
    assert portal.get(path).status_code == portal.post(path).status_code == 404
    assert ADDRESS in portal.get(yours).text
    portal.clock.advance(hours=1, seconds=1)
    assert portal.get(yours).status_code == 404


# Everything


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_subscriptions_stand_on_one_page_and_are_changed_as_boxes(portal: Portal, language: str) -> None:
    first = portal.subscribed("(theme:energy OR theme:health) lang:de Netz")
    portal.subscribed("theme:ai")
    page = hour(portal, language)
    assert portal.get(page).text.count('<section class="card section"') == 4
    form = portal.get(f"{page}/change/{first}").text
    assert re.search(r'value="energy" checked', form)
    assert re.search(r'value="health" checked', form)
    assert re.search(r'name="in" value="de" checked', form)
    assert 'name="q" value="Netz"' in form


def test_a_change_is_saved_with_its_options(portal: Portal) -> None:
    first = portal.subscribed()
    page = hour(portal)
    sent = {
        "theme": "ai",
        "in": "fr",
        "q": "Netz",
        "every": "weekly",
        "weekday": "4",
        "hour": "18",
        "zone": "Pacific/Noumea",
        "language": "fr",
        "quiet_from": "22",
        "quiet_until": "7",
        "strength": "more",
        "updates": "1",
        "action": "save",
    }
    assert portal.post(f"{page}/change/{first}", sent).status_code == 303
    (row,) = portal.subscriptions()
    assert (row.query, row.every, row.language) == ("Netz theme:ai lang:fr", "weekly", "fr")
    assert (row.weekday, row.hour, row.zone) == (4, 18, "Pacific/Noumea")
    assert (row.quiet_from, row.quiet_until, row.strength, row.updates) == (22, 7, "more", True)
    assert "on Fridays at 18:00 (Pacific/Noumea); also changed texts" in portal.get(page).text


def test_a_change_to_everything_is_asked_back(portal: Portal) -> None:
    first = portal.subscribed()
    path = f"{hour(portal)}/change/{first}"
    answer = portal.post(path, {"action": "save"})
    assert answer.status_code == 400
    assert 'name="everything"' in answer.text
    assert portal.post(path, {"action": "save", "everything": "1"}).status_code == 303
    assert [row.query for row in portal.subscriptions()] == [""]


@pytest.mark.parametrize("wrong", [{"q": "theem:x"}, {"zone": "Mars/Olympus", "theme": "ai"}])
def test_a_change_that_is_wrong_says_so_and_saves_nothing(portal: Portal, wrong: dict[str, str]) -> None:
    first = portal.subscribed()
    answer = portal.post(f"{hour(portal)}/change/{first}", {"action": "save", **wrong})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert [row.query for row in portal.subscriptions()] == ["theme:energy"]


def test_a_preview_of_a_change_says_why_and_saves_nothing(portal: Portal) -> None:
    first = portal.subscribed("theme:ai")
    path = f"{hour(portal)}/change/{first}"
    before = portal.dump()
    text = portal.post(path, {"action": "preview", "theme": "energy"}).text
    assert "KI steuert das Netz" in text
    assert "Why:" in text
    assert "das Netz" in text.split("Why:")[1]
    assert portal.dump() == before


def test_nobody_changes_what_is_somebody_elses(portal: Portal) -> None:
    portal.subscribed()
    other = portal.subscribed("theme:ai", address="other@example.org")
    page = hour(portal)
    assert portal.get(f"{page}/change/{other}").status_code == 404
    assert portal.post(f"{page}/change/{other}", {"action": "save", "theme": "health"}).status_code == 404
    assert portal.post(page, {"action": "leave", "subscription": other}).status_code == 404
    assert portal.post(page, {"action": "pause", "subscription": other, "days": "7"}).status_code == 404
    assert next(row.query for row in portal.subscriptions() if row.id == other) == "theme:ai"


def test_everything_may_be_paused_and_go_on(portal: Portal) -> None:
    first = portal.subscribed()
    page = hour(portal)
    said = portal.post(page, {"action": "pause", "subscription": first, "days": "14"}).text
    assert re.search(r'Paused until <time datetime="[^"]+" title="[^"]+">16 March 2026</time>\.', said)
    (row,) = portal.subscriptions()
    assert row.paused_until is not None
    assert (row.paused_until - portal.clock.now()).days == 14
    portal.post(page, {"action": "resume", "subscription": first})
    assert portal.subscriptions()[0].paused_until is None


def test_all_may_be_left_and_one_mail_brings_it_back_once(portal: Portal) -> None:
    portal.subscribed()
    portal.subscribed("theme:ai")
    portal.post(hour(portal), {"action": "leave_all"})
    assert all(row.ended_at for row in portal.subscriptions())
    (mail,) = mails(portal, Kind.LEFT)
    path = by_mail(portal, Purpose.UNDO, mail.id)
    before = portal.dump()
    assert portal.get(path).status_code == 200
    assert portal.dump() == before
    assert portal.post(path).status_code == 200
    going = [row for row in portal.subscriptions() if not row.ended_at]
    assert sorted(row.query for row in going) == ["theme:ai", "theme:energy"]
    assert all(row.confirmed_at for row in going)
    assert portal.post(path).status_code == portal.get(path).status_code == 404
    assert len([row for row in portal.subscriptions() if not row.ended_at]) == 2


# A copy, the record, erasure


def test_a_copy_of_everything_is_json(portal: Portal) -> None:
    portal.subscribed()
    answer = portal.get(f"{hour(portal)}/vigie.json")
    assert answer.headers["content-type"] == "application/json"
    assert "attachment" in answer.headers["content-disposition"]
    copy = json.loads(answer.text)
    assert copy["person"]["address"] == ADDRESS
    assert copy["person"]["subscriptions"][0]["options"]["zone"] == "Europe/Berlin"
    assert [line["event"] for line in copy["consent"]] == ["requested", "confirmed"]
    assert copy["deliveries"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_stands_on_a_page(portal: Portal, language: str) -> None:
    portal.subscribed()
    text = portal.get(f"{hour(portal, language)}/record").text
    assert text.count("<tr>") == 3
    assert "subscribe/" in text


def test_erasure_asks_once_and_is_done_at_once(portal: Portal) -> None:
    portal.subscribed()
    folder = portal.settings.mail_dir
    page = hour(portal)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{mails(portal, Kind.LINKS)[0].id}.eml").write_text(ADDRESS)
    portal.post(page, {"action": "move", "address": "new@example.org"})
    assert ADDRESS in portal.get(f"{page}/erase").text
    assert people(portal)
    assert portal.post(f"{page}/erase").status_code == 200
    assert not people(portal)
    assert not any(ADDRESS in line or "new@example.org" in line for line in portal.dump())
    assert not list(folder.iterdir())
    assert portal.get(page).status_code == 404


# Another address


def moving(portal: Portal, address: str = "new@example.org") -> str:
    portal.post(hour(portal), {"action": "move", "address": address})
    return by_mail(portal, Purpose.MOVE, mails(portal, Kind.MOVE)[-1].about)


def test_another_address_is_asked_first_and_the_old_one_told(portal: Portal) -> None:
    first = portal.subscribed()
    path = moving(portal)
    assert mails(portal, Kind.MOVE)[0].recipient == "new@example.org"
    before = portal.dump()
    assert "new@example.org" in portal.get(path).text
    assert portal.dump() == before
    assert list(people(portal)) == [ADDRESS]
    assert portal.post(path).status_code == 200
    assert list(people(portal)) == ["new@example.org"]
    assert [mail.recipient for mail in mails(portal, Kind.MOVED)] == [ADDRESS]
    former, later = sorted(portal.subscriptions(), key=lambda row: row.ended_at is None)
    assert (former.id, former.end_reason) == (first, "moved to another address")
    assert (later.query, later.confirmed_at) == (former.query, former.confirmed_at)
    assert portal.post(path).status_code == 404


def test_a_leave_link_in_an_old_mail_ends_what_moved(portal: Portal) -> None:
    first = portal.subscribed()
    portal.post(moving(portal))
    portal.post(by_mail(portal, Purpose.LEAVE, first), {"List-Unsubscribe": "One-Click"})
    assert all(row.ended_at for row in portal.subscriptions())


def test_an_address_that_has_its_own_gets_the_link_to_those_and_nobody_learns_it(portal: Portal) -> None:
    portal.subscribed()
    portal.subscribed(address="other@example.org")
    page = hour(portal)
    answer = portal.post(page, {"action": "move", "address": "other@example.org"})
    assert answer.text == portal.post(page, {"action": "move", "address": "new@example.org"}).text
    assert [mail.recipient for mail in mails(portal, Kind.MOVE)] == ["new@example.org"]
    assert mails(portal, Kind.LINKS)[-1].person == people(portal)["other@example.org"]


def test_a_wrong_new_address_is_said_beside_its_field(portal: Portal) -> None:
    portal.subscribed()
    answer = portal.post(hour(portal), {"action": "move", "address": "nobody"})
    assert answer.status_code == 400
    assert 'aria-describedby="address-hint address-error"' in answer.text


# The links of mails, which may be forwarded


def test_a_preferences_link_shows_and_ends_its_own_subscription_alone(portal: Portal) -> None:
    first = portal.subscribed()
    second = portal.subscribed("theme:health")
    path = by_mail(portal, Purpose.PREFERENCES, first)
    text = portal.get(path).text
    assert "Energy" in text
    assert "Health" not in text
    assert ADDRESS not in text
    portal.post(path, {"action": "pause", "days": "7"})
    assert "Go on" in portal.get(path).text
    portal.post(path, {"action": "leave"})
    assert [row.id for row in portal.subscriptions() if row.ended_at is None] == [second]
    assert len(mails(portal, Kind.LEFT)) == 1


def test_a_preferences_link_mails_the_way_to_everything(portal: Portal) -> None:
    path = by_mail(portal, Purpose.PREFERENCES, portal.subscribed())
    text = portal.post(path, {"action": "links"}).text
    assert ADDRESS not in text
    assert [mail.person for mail in mails(portal, Kind.LINKS)] == list(people(portal).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leave_page_says_nothing_of_what_else_there_is(portal: Portal, language: str) -> None:
    first = portal.subscribed()
    portal.subscribed("theme:health")
    path = by_mail(portal, Purpose.LEAVE, first, language)
    alone = portal.post(path, {"everything": "1"}).text
    assert [row.query for row in portal.subscriptions() if not row.ended_at] == ["theme:health"]
    assert f"/{language}/links" in alone


def test_leaving_twice_mails_the_way_back_once(portal: Portal) -> None:
    path = by_mail(portal, Purpose.LEAVE, portal.subscribed())
    for _ in range(3):
        portal.post(path, {"List-Unsubscribe": "One-Click"})
    assert len(mails(portal, Kind.LEFT)) == 1
