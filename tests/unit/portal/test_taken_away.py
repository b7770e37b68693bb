"""Exports and feeds of a search: their names, what stands beside them, and how a page leads to them."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape

import feedparser
import pytest
from openpyxl import load_workbook

from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import LANGUAGES, Portal, a_german_item


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Two items, of which one has no address; no test changes anything."""
    for portal in furnished(tmp_path_factory.mktemp("taken")):
        portal.archive(a_german_item("ohne", url=None, title="Ohne Adresse"))
        yield portal


@pytest.mark.parametrize("address", ["?q=Netz&theme=energy", ""])
@pytest.mark.parametrize(
    ("language", "asked"),
    [("de", ": „Netz“, Energie"), ("fr", "\u202f: «\u202fNetz\u202f», Énergie"), ("en", ": “Netz”, Energy")],
)
def test_a_browser_is_led_to_both_feeds_by_what_they_are_called(
    portal: Portal, language: str, address: str, asked: str
) -> None:
    page = portal.get(f"/{language}/search{address}").text
    found = re.findall(
        r'<link rel="alternate" type="application/(\w+)\+\w+" title="([^"]*)" href="([^"]*)">', page
    )
    called = f"Vigie{asked}" if address else "Vigie"
    assert [(kind, name) for kind, name, _ in found] == [("atom", called), ("feed", called)]
    atom, feed = (portal.get(unescape(href)) for *_, href in found)
    assert feedparser.parse(atom.content).feed.title == called
    assert (feed.headers["content-type"], feed.json()["title"]) == ("application/feed+json", called)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_feed_leads_to_pages_in_the_readers_language(portal: Portal, language: str) -> None:
    base = f"http://127.0.0.1:8080/{language}"
    feed = feedparser.parse(portal.get(f"/{language}/search.atom?q=Adresse").content)
    assert feed.feed.link == f"{base}/search?q=Adresse"
    assert [entry.link for entry in feed.entries] == [f"{base}/items/ohne"]
    told = portal.get(f"/{language}/search.jsonfeed?q=Adresse").json()
    assert (told["home_page_url"], told["feed_url"]) == (feed.feed.link, f"{base}/search.jsonfeed?q=Adresse")
    assert [item["url"] for item in told["items"]] == [f"{base}/items/ohne"]
    assert portal.get(f"/{language}/items/ohne").status_code == 200


def test_an_item_has_one_id_in_every_feed(portal: Portal) -> None:
    """Readers that keep an id once over all feeds must not take it for two."""
    ids = set()
    for address in ("/de/search.atom?q=Netz", "/fr/search.atom?theme=energy&q=Netz"):
        ids |= {
            entry.id for entry in feedparser.parse(portal.get(address).content).entries if "Netz" in entry.title
        }
    ids |= {item["id"] for item in portal.get("/en/search.jsonfeed?q=title:Netz").json()["items"]}
    assert len(ids) == 1


@pytest.mark.parametrize("form", ["atom", "jsonfeed", "csv"])
@pytest.mark.parametrize("sent", ["{0}", "W/{0}", '"other", {0}', "*"])
def test_who_has_it_already_is_sent_nothing(portal: Portal, form: str, sent: str) -> None:
    first = portal.get(f"/de/search.{form}?q=Netz")
    tag = first.headers["etag"].removeprefix("W/")
    again = portal.get(f"/de/search.{form}?q=Netz", headers={"If-None-Match": sent.format(tag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["last-modified"].endswith("GMT")


@pytest.mark.parametrize(
    ("form", "suffix"),
    [("csv", "csv"), ("csv2", "csv"), ("bibtex", "bib"), ("bib", "bib"), ("xlsx", "xlsx"), ("ris", "ris")],
)
def test_a_file_has_the_ending_that_its_programs_know(portal: Portal, form: str, suffix: str) -> None:
    answer = portal.get(f"/de/search.{form}")
    assert answer.headers["content-disposition"] == f'attachment; filename="vigie-2026-03-02.{suffix}"'


def test_an_export_leads_to_what_says_what_it_is(portal: Portal) -> None:
    answer = portal.get("/de/search.csv?q=Netz&theme=energy")
    (address,) = re.findall(r'<([^>]*)>; rel="describedby"', answer.headers["link"])
    told = portal.get(address).json()
    assert told == {
        "query": "Netz theme:energy",
        "exported_at": "2026-03-02T09:00:00Z",
        "count": 2,
        "last_change": "2026-03-02T09:00:00Z",
        "models": ["lexicon-1"],
        "portal": "http://127.0.0.1:8080",
        "rights": told["rights"],
    }
    book = load_workbook(io.BytesIO(portal.get("/de/search.xlsx?q=Netz&theme=energy").content))
    assert {row[0].value: row[1].value for row in book["About"].iter_rows()}["count"] == 2


def test_json_is_as_the_command_line_prints_it(portal: Portal) -> None:
    items = json.loads(portal.get("/de/search.json").text)
    lines = [json.loads(line) for line in portal.get("/de/search.ndjson").text.splitlines()]
    assert items == lines
    assert {tuple(item) for item in items} == {tuple(items[0])}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_item_can_be_cited_from_its_page(portal: Portal, language: str) -> None:
    page = portal.get(f"/{language}/items/ohne")
    assert (
        f"Ohne Adresse. Institut A. 2026-03-02. [Vigie](http://127.0.0.1:8080/{language}/items/ohne)" in page.text
    )
    for ending, begins in (("bib", "@online{vigie:ohne,"), ("ris", "TY  - ELEC")):
        assert f'href="/{language}/items/ohne.{ending}"' in page.text
        answer = portal.get(f"/{language}/items/ohne.{ending}")
        assert answer.text.startswith(begins)
        assert answer.headers["content-disposition"] == f'attachment; filename="vigie-ohne.{ending}"'
    assert portal.get(f"/{language}/items/ohne.exe").status_code == 404
    assert portal.get(f"/{language}/items/none.bib").status_code == 404
