"""Search: what a query shows, how it is narrowed, paged and taken away."""

import json
from datetime import timedelta

import pytest

from tests.archived import NOON
from tests.unit.portal.site import LANGUAGES, Portal, a_german_item


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_malformed_query_shows_its_place_and_no_error_page(portal: Portal, language: str) -> None:
    answer = portal.get(f"/{language}/search?q=Netz theem:energy")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "Netz <b>t</b>heem:energy" in answer.text.replace("</span>", "")
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize(
    "query",
    ['"open', "(((", "OR", "a AND", "-", "*", "theme:", "{}", "%00", "<script>", "sovereignty:>9", "x" * 5000],
)
def test_no_query_is_an_error_of_ours(portal: Portal, query: str) -> None:
    answer = portal.get("/en/search", params={"q": query})
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text


def test_the_query_is_echoed_as_it_was_understood(portal: Portal) -> None:
    text = portal.get("/de/search?q=Netz OR Strom&theme=energy&theme=ai").text
    assert "<code>(Netz OR Strom) (theme:energy OR theme:ai)</code>" in text


def test_an_open_quote_does_not_swallow_the_filters(portal: Portal) -> None:
    text = portal.get('/de/search?q="das Netz&theme=energy').text
    assert "&#34;das Netz&#34; theme:energy" in text
    assert "1 Meldung" in text


def test_a_filter_that_is_on_links_to_the_search_without_it(portal: Portal) -> None:
    text = portal.get("/de/search?q=Netz&theme=energy&in=de").text
    assert 'class="chip on energy" href="/de/search?q=Netz&amp;in=de"' in text
    assert 'href="/de/search?q=Netz&amp;theme=energy&amp;theme=ai&amp;in=de"' in text


@pytest.mark.parametrize(
    "strange",
    ["theme=nonsense)", "theme=energy&theme=was-renamed", "in=xx", "country=%22", "band=7", "month=2026-13"],
)
@pytest.mark.parametrize("form", ["search", "search.atom", "search.csv", "search.ics", "trends", "trends.csv"])
def test_a_filter_that_does_not_exist_is_refused_and_named(portal: Portal, form: str, strange: str) -> None:
    answer = portal.get(f"/de/{form}?q=Netz&{strange}")
    assert (answer.status_code, f"<code>{strange.partition('=')[0]}</code>" in answer.text) == (400, True)


@pytest.mark.parametrize("form", ["search.atom", "search.jsonfeed", "search.csv", "search.ics", "trends.csv"])
@pytest.mark.parametrize("strange", ["thema=ai", "query=Netz", "q=Netz&q=KI", "q=Netz&each=1"])
def test_what_a_feed_or_a_file_has_no_name_for_is_not_passed_over(portal: Portal, form: str, strange: str) -> None:
    assert portal.get(f"/de/{form}?{strange}").status_code == 400


def test_a_page_stands_what_others_hang_on_an_address(portal: Portal) -> None:
    answer = portal.get("/de/search?q=Netz&utm_source=post&theme=&country=")
    assert (answer.status_code, "<code>Netz</code>" in answer.text) == (200, True)


def test_a_feed_says_in_words_what_it_is_about(portal: Portal) -> None:
    feed = portal.get("/fr/search.atom?q=data sovereignty&theme=energy&in=de").text
    assert "«\u202fsovereignty\u202f», Énergie, en allemand</title>" in feed
    assert "<title>Vigie</title>" in portal.get("/fr/search.atom").text


def test_a_feed_that_finds_nothing_is_the_same_all_day(portal: Portal) -> None:
    first = portal.get("/de/search.atom?q=nirgends")
    portal.clock.advance(hours=3)
    again = portal.get("/de/search.atom?q=nirgends", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_pages_follow_one_another_to_the_end_and_show_every_item_once(portal: Portal) -> None:
    for number in range(45):
        portal.archive(a_german_item(f"n{number:02}", published=NOON + timedelta(minutes=number)))
    seen: list[str] = []
    address: str | None = "/de/search?theme=energy"
    while address:
        text = portal.get(address).text
        found = [part.split('"')[0] for part in text.split('<h3><a href="/de/items/')[1:]]
        seen += found
        following = text.split('rel="next" href="')[1:]
        address = following[0].split('"')[0].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 46


def test_a_cursor_that_nobody_gave_is_a_bad_request(portal: Portal) -> None:
    assert portal.get("/de/search?after=nonsense").status_code == 400


@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "csv2", "ris", "bibtex", "bib", "atom", "jsonfeed"])
def test_every_format_can_be_taken_away(portal: Portal, form: str) -> None:
    answer = portal.get(f"/de/search.{form}?q=Netz&theme=energy")
    assert answer.status_code == 200
    assert "KI steuert das Netz" in answer.text
    assert (form in ("atom", "jsonfeed")) != ("attachment" in answer.headers.get("content-disposition", ""))


def test_an_export_has_the_keys_of_the_contract(portal: Portal) -> None:
    (item,) = json.loads(portal.get("/de/search.json?q=Netz").text)
    assert item["item_id"] == "netz"
    assert item["themes"] == ["energy"]


def test_an_unknown_format_is_no_page_and_a_malformed_query_a_bad_request(portal: Portal) -> None:
    assert portal.get("/de/search.exe").status_code == 404
    assert portal.get("/de/search.csv?q=theem:x").status_code == 400


def test_a_feed_that_did_not_change_is_not_sent_again(portal: Portal) -> None:
    first = portal.get("/de/search.atom?q=Netz")
    again = portal.get("/de/search.atom?q=Netz", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    portal.clock.advance(hours=1)
    portal.archive(a_german_item("neu"))
    anew = portal.get("/de/search.atom?q=Netz", headers={"If-None-Match": first.headers["etag"]})
    assert anew.status_code == 200


def test_titles_in_another_language_are_marked_and_those_in_the_own_are_not(portal: Portal) -> None:
    assert '<h3 lang="de"><a href="/fr/items/netz">' in portal.get("/fr/search").text
    assert '<h3><a href="/de/items/netz">' in portal.get("/de/search").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_found_another_spelling_is_shown_and_named(portal: Portal, language: str) -> None:
    text = portal.get(f"/{language}/search?q=ubersee").text
    assert f'href="/{language}/search?q=ubersee+OR+%C3%BCbersee">übersee</a>' in text
    assert 'class="lead"' in text


def test_where_something_is_found_no_other_spelling_is_tried(portal: Portal) -> None:
    portal.archive(a_german_item("plain", title="Ubersee am Chiemsee"))
    assert "übersee</a>" not in portal.get("/en/search?q=ubersee").text


def test_a_term_is_found_by_its_names_in_other_languages_which_stand_above_the_hits(portal: Portal) -> None:
    portal.archive(a_german_item("sovereign", title="Neue Regeln zur Datensouveränität"))
    text = portal.get("/en/search", params={"q": "data sovereignty"}).text
    assert (
        "<code>(data sovereignty) OR Datensouveränität OR Datenhoheit OR souveraineté-des-données</code>" in text
    )
    assert "Neue Regeln zur" in text
    narrow = 'href="/en/search?q=data%20sovereignty%20expand%3Ano"'
    assert narrow in text.replace("+", "%20")
    assert 'href="/en/subscribe?q=data%20sovereignty"' in text.replace("+", "%20")
    alone = portal.get("/en/search", params={"q": "data sovereignty expand:no"}).text
    assert "<code>data sovereignty expand:no</code>" in alone
    assert "Neue Regeln zur" not in alone


def test_programs_feeds_and_counts_ask_what_the_page_asks(portal: Portal) -> None:
    portal.archive(a_german_item("sovereign", title="Neue Regeln zur Datensouveränität"))
    for query, count in (("data sovereignty", 1), ("data sovereignty expand:no", 0)):
        found = portal.get("/api/v1/items", params={"q": query}).json()
        assert (found["count"], "Datenhoheit" in found["query"]) == (count, bool(count))
        facets = portal.get("/api/v1/facets", params={"q": query, "by": "lang"}).json()
        assert sum(each["count"] for each in facets["facets"]["lang"]) == count
        trends = portal.get("/api/v1/trends", params={"q": query}).json()
        assert "Datenhoheit" in trends["query"] or not count
        feed = portal.get("/en/search.atom", params={"q": query}).text
        assert feed.count("<entry") == count
