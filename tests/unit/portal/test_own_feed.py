"""The secret feed of a subscription: made, renewed and ended by its owner, read by who knows its address."""

import json
import re
from xml.etree import ElementTree

import icalendar
import pytest

from shared.subscriptions import people
from shared.subscriptions.links import Purpose
from shared.subscriptions.words import Kind
from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal, a_german_item
from tests.unit.portal.test_calendar import announcing, call
from tests.unit.portal.test_yours import by_mail, hour, mails, moving

ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(portal: Portal, subscription: str, language: str = "en") -> str:
    """The path of a new address, without the ending."""
    text = portal.post(f"{hour(portal, language)}/elsewhere/{subscription}", {"action": "feed_make"}).text
    found = re.search(r"<code>http://127\.0\.0\.1:8080(/de/feeds/[0-9a-f]{40})\.atom</code>", text)
    assert found, text
    return found[1]


def entries(portal: Portal, path: str) -> list[bytes]:
    return [
        ElementTree.tostring(one) for one in ElementTree.fromstring(portal.get(path).text).iter(f"{ATOM}entry")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_is_shown_once_when_it_is_made(portal: Portal, language: str) -> None:
    first = portal.subscribed()
    page = f"{hour(portal, language)}/elsewhere/{first}"
    before = portal.dump()
    assert "/feeds/" not in portal.get(page).text
    assert portal.dump() == before
    token = re.search(r"/feeds/([0-9a-f]{40})\.json", portal.post(page, {"action": "feed_make"}).text)
    assert token
    assert "/feeds/" not in portal.get(page).text
    assert not any(token[1] in row for row in portal.dump())


def test_it_has_the_entries_that_the_search_has(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    portal.archive(a_german_item("health", title="Ein Spital"))
    assert entries(portal, f"{path}.atom") == entries(portal, "/de/search.atom?q=theme:energy")
    assert len(entries(portal, f"{path}.atom")) == 2
    document = json.loads(portal.get(f"{path}.json").text)
    assert {item["title"] for item in document["items"]} == {"KI steuert das Netz", "Ein Spital"}
    assert document["title"] == "Vigie: Energie"
    in_french = json.loads(portal.get(f"{path.replace('/de/', '/fr/')}.json").text)
    assert in_french["title"] == "Vigie\u202f: Énergie"


def test_its_id_is_for_ever_and_its_self_is_where_it_was_asked_for(portal: Portal) -> None:
    first = portal.subscribed()
    path = feed_of(portal, first)
    root = ElementTree.fromstring(portal.get(f"{path}.atom").text)
    link = root.find(f"{ATOM}link[@rel='self']")
    assert link is not None
    assert link.get("href") == f"http://127.0.0.1:8080{path}.atom"
    before = root.findtext(f"{ATOM}id")
    portal.post(f"{hour(portal)}/change/{first}", {"action": "save", "theme": "health"})
    assert ElementTree.fromstring(portal.get(f"{path}.atom").text).findtext(f"{ATOM}id") == before
    assert path.rpartition("/")[2] not in (before or "")


def test_nobody_indexes_it_no_link_tells_it_and_no_shared_cache_keeps_it(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    for form in ("atom", "json"):
        headers = portal.get(f"{path}.{form}").headers
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "private" in headers["cache-control"]


def test_who_has_it_already_gets_nothing_until_something_changes(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    for form in ("atom", "json"):
        tag = portal.get(f"{path}.{form}").headers["etag"]
        again = portal.get(f"{path}.{form}", headers={"If-None-Match": tag})
        assert (again.status_code, again.text) == (304, "")
        assert again.headers["referrer-policy"] == "no-referrer"
    portal.clock.advance(minutes=1)
    portal.archive(a_german_item("later"))
    assert portal.get(f"{path}.json", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("language", "how"), [("de", "feed_end"), ("fr", "feed_make"), ("en", "feed_end")])
def test_an_address_that_was_ended_or_renewed_says_so_in_words(portal: Portal, language: str, how: str) -> None:
    first = portal.subscribed()
    path = feed_of(portal, first).replace("/de/", f"/{language}/")
    assert portal.get(f"{path}.atom").status_code == 200
    portal.post(f"{hour(portal)}/elsewhere/{first}", {"action": how})
    answer = portal.get(f"{path}.atom")
    assert answer.status_code == 410
    assert "<h1>" in answer.text
    assert "KI steuert" not in answer.text
    assert "noindex" in answer.headers["x-robots-tag"]


@pytest.mark.parametrize("wrong", ["0" * 40, "", "%F0%9F%94%A5", "a" * 4000])
def test_a_guess_is_no_address(portal: Portal, wrong: str) -> None:
    feed_of(portal, portal.subscribed())
    assert portal.get(f"/de/feeds/{wrong}.atom").status_code == 404


def test_another_form_is_no_address(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    assert portal.get(f"{path}.csv").status_code == 404


def test_the_end_of_the_subscription_ends_it_and_the_way_back_opens_it_again(portal: Portal) -> None:
    first = portal.subscribed()
    path = feed_of(portal, first)
    portal.post(by_mail(portal, Purpose.LEAVE, first))
    assert portal.get(f"{path}.atom").status_code == 410
    portal.post(by_mail(portal, Purpose.UNDO, mails(portal, Kind.LEFT)[0].id))
    assert portal.get(f"{path}.atom").status_code == 200


def test_it_moves_with_its_reader_to_another_address(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    portal.post(moving(portal))
    assert portal.get(f"{path}.atom").status_code == 200


def test_it_opens_after_the_key_of_addresses_was_changed(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    object.__setattr__(portal.settings, "hash_key", ("f" * 64, *portal.settings.hash_key))
    assert portal.get(f"{path}.atom").status_code == 200


def test_nobody_makes_one_for_what_is_somebody_elses(portal: Portal) -> None:
    portal.subscribed()
    other = portal.subscribed("theme:ai", address="other@example.org")
    page = f"{hour(portal)}/elsewhere/{other}"
    assert portal.get(page).status_code == portal.post(page, {"action": "feed_make"}).status_code == 404


def test_a_copy_tells_of_it_and_an_erasure_takes_it(portal: Portal) -> None:
    path = feed_of(portal, portal.subscribed())
    copy = json.loads(portal.get(f"{hour(portal)}/vigie.json").text)
    assert [one["ended_at"] for one in copy["feeds"]] == [None]
    with portal.store.writing() as session:
        people.erase(session, ADDRESS, portal.clock.now(), keys=portal.keys(session))
    assert portal.get(f"{path}.atom").status_code == 404


def test_its_calendar_has_the_dates_of_what_it_finds_and_ends_with_it(portal: Portal) -> None:
    first = portal.subscribed()
    path = feed_of(portal, first)
    portal.archive(announcing("ruf", call(portal.clock.now().date())))
    answer = portal.get(f"{path}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "noindex" in answer.headers["x-robots-tag"]
    (entry,) = icalendar.Calendar.from_ical(answer.content).events
    assert str(entry["summary"]).startswith("Frist: ")
    again = portal.get(f"{path}.ics", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    portal.clock.advance(days=1)
    again = portal.get(f"{path}.ics", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 200
    portal.post(f"{hour(portal)}/elsewhere/{first}", {"action": "feed_end"})
    assert portal.get(f"{path}.ics").status_code == 410
