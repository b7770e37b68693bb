"""The calendar of a search, read back by the library that wrote it and by another."""

from datetime import date
from typing import Any

import icalendar
import pytest
import vobject

from shared.items import Announced, Announcement, ClassifiedItem
from tests.archived import a_classified, a_verdict
from tests.unit.portal.site import LANGUAGES, Portal

LONG = (
    "Ausschreibung; Förderung, „Netze“: 20 000 000 € für Übertragungsnetze und Speicher \\ in Europa, zweite Runde"
)


def announcing(item_id: str, *said: Announced, **fields: Any) -> ClassifiedItem:
    verdict = a_verdict(announced=said, themes=("energy", "industry40"))
    return a_classified(item_id, verdict=verdict, **{"title": LONG, **fields})


def call(day: date | None) -> Announced:
    return Announced(
        kind=Announcement.CALL, day=day, passage="Bewerben kann man sich\nbis zum Ende des Monats; ja."
    )


def event(day: date) -> Announced:
    return Announced(kind=Announcement.EVENT, day=day, passage="Die Tagung beginnt.")


def entries(portal: Portal, query: str = "", language: str = "de") -> list[icalendar.Event]:
    answer = portal.get(f"/{language}/search.ics?q={query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = icalendar.Calendar.from_ical(answer.content)
    assert not found.errors
    return [each for each in found.events if not each.errors]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deadline_is_a_whole_day_with_the_words_of_its_call(portal: Portal, language: str) -> None:
    day = portal.clock.now().date()
    portal.archive(announcing("ruf", call(day)))
    (entry,) = entries(portal, "is:call", language)
    assert entry.start == day
    assert type(entry["dtstart"].dt) is date
    assert (entry["dtend"].dt - day).days == 1
    assert str(entry["summary"]).endswith(LONG)
    assert str(entry["description"]).startswith("Bewerben kann man sich\nbis zum Ende")
    assert f"/{language}/items/ruf" in str(entry["description"])
    words = {"de": "Energie", "fr": "Énergie", "en": "Energy"}
    assert entry.categories[0] == words[language]
    assert entry["transp"] == "TRANSPARENT"


def test_the_bytes_are_lines_that_every_program_reads(portal: Portal) -> None:
    portal.archive(announcing("ruf", call(portal.clock.now().date())))
    content = portal.get("/fr/search.ics").content
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        line.decode()  # no letter is cut in two
    assert b"DTSTART;VALUE=DATE:" in content
    assert "Date limite\u202f: " in content.replace(b"\r\n ", b"").decode()
    for name in (b"PRODID:", b"VERSION:2.0", b"UID:", b"DTSTAMP:", b"SEQUENCE:"):
        assert name in content
    assert b"METHOD:" not in content  # a published event needs an organiser (RFC 5546, 3.2.1)


def test_another_reader_reads_the_same(portal: Portal) -> None:
    day = portal.clock.now().date()
    portal.archive(announcing("ruf", call(day)), announcing("tag", event(day)))
    read = vobject.readOne(portal.get("/de/search.ics").content.decode())
    found = {each.summary.value: (each.dtstart.value, each.dtend.value) for each in read.vevent_list}
    assert set(found) == {f"Frist: {LONG}", LONG}
    assert {begins for begins, _ in found.values()} == {day}


def test_without_a_day_there_is_no_entry(portal: Portal) -> None:
    portal.archive(announcing("ruf", call(None)))
    assert entries(portal) == []


def test_what_is_long_over_is_left_out(portal: Portal) -> None:
    portal.archive(announcing("ruf", call(portal.clock.now().date())))
    assert len(entries(portal)) == 1
    portal.clock.advance(days=33)
    assert entries(portal) == []


def test_a_deadline_that_is_put_off_moves_its_entry(portal: Portal) -> None:
    day = portal.clock.now().date()
    portal.archive(announcing("ruf", call(day)))
    (before,) = entries(portal)
    portal.clock.advance(days=1)
    later = day.replace(day=day.day + 5)
    portal.archive(announcing("ruf", call(later), text="Die Frist ist verlängert.", fetched_at=portal.clock.now()))
    (after,) = entries(portal)
    assert after["uid"] == before["uid"]
    assert after.start == later
    assert after["sequence"] > before["sequence"]
    assert after["dtstamp"].dt > before["dtstamp"].dt


def test_a_story_has_one_entry_whoever_tells_it_and_a_query_narrows(portal: Portal) -> None:
    day = portal.clock.now().date()
    portal.archive(announcing("ruf", call(day), event(day)))
    assert len(entries(portal)) == 2
    assert len({str(entry["uid"]) for entry in entries(portal)}) == 2
    assert entries(portal, "theme:health") == []
    assert len(entries(portal, "theme:energy+Ausschreibung")) == 2


def test_it_is_not_sent_again_while_nothing_changes(portal: Portal) -> None:
    first = portal.get("/de/search.ics")
    again = portal.get("/de/search.ics", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    portal.clock.advance(days=1)
    assert portal.get("/de/search.ics", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_page_leads_to_it(portal: Portal, language: str) -> None:
    text = portal.get(f"/{language}/search?q=Netz").text
    name = {"de": "Vigie: „Netz“", "fr": "Vigie\u202f: «\u202fNetz\u202f»", "en": "Vigie: “Netz”"}[language]
    assert (
        f'<link rel="alternate" type="text/calendar" title="{name}" href="/{language}/search.ics?q=Netz">' in text
    )
    assert text.count(f'href="/{language}/search.ics?q=Netz"') == 2


def test_a_malformed_query_is_a_bad_request(portal: Portal) -> None:
    assert portal.get("/de/search.ics?q=theem:x").status_code == 400
