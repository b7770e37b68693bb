"""Trends: counts over time with what it takes to read them, on the page, as CSV and for programs."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from services.portal.curve import HEIGHT, WIDTH, bars, line
from tests.archived import NOON, a_classified, a_verdict, later
from tests.unit.portal.site import LANGUAGES, Portal, a_german_item


def published(portal: Portal, *days: int, source: str = "dfki", **fields: object) -> None:
    """Items of so many days ago."""
    verdict = a_verdict(**{"themes": ("energy",), **fields})
    for n in days:
        at = NOON - timedelta(days=n)
        portal.archive(a_classified(f"{source}-{n}", source=source, published=at, verdict=verdict))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by", ["", "theme", "country", "lang", "org", "band"])
def test_the_page_draws_and_lists_every_bucket(portal: Portal, language: str, by: str) -> None:
    published(portal, 3, 40, 41, 200)
    answer = portal.get(f"/{language}/trends?q=theme:energy&by={by}")
    assert answer.status_code == 200
    main = answer.text.split("<figure")[1].split("</figure>")[0]
    assert main.count('class="bar"') == 12
    assert "polyline" in main
    assert answer.text.count('<th scope="row">') == 12


def test_a_query_that_cannot_be_understood_is_shown_with_its_place(portal: Portal) -> None:
    answer = portal.get("/fr/trends?q=theem:x")
    assert answer.status_code == 400
    assert "Vouliez-vous dire theme:" in answer.text


@pytest.mark.parametrize("address", ["/de/trends?by=nonsense", "/de/trends?span=99y"])
def test_what_is_no_choice_is_refused(portal: Portal, address: str) -> None:
    assert portal.get(address).status_code == 400


def test_the_csv_has_zero_buckets_shares_sources_and_values(portal: Portal) -> None:
    published(portal, 3, 40)
    published(portal, 41, source="cea", themes=("ai",))
    answer = portal.get("/de/trends.csv?q=theme:energy&by=theme")
    assert answer.headers["content-disposition"].endswith('.csv"')
    assert answer.text.startswith("\ufeff")
    head, *rows = csv.reader(StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["start", "count", "share", "all", "sources", "Energie"]
    assert len(rows) == 12
    january = next(row for row in rows if row[0] == "2026-01-01")
    assert january[1:] == ["1", "0.5000", "2", "2", "1"]
    assert next(row for row in rows if row[0] == "2025-06-01")[1:] == ["0", "", "0", "0", "0"]


def test_a_program_reads_buckets_series_and_what_began(portal: Portal) -> None:
    published(portal, 300, 3, 40, model="m1")
    published(portal, 10, source="cea", model="m2")
    asked = {"by": "theme", "since": "2025-01-01", "until": "2026-03-31"}
    found = portal.get("/api/v1/trends", params=asked).json()
    assert found["step"] == "month"
    assert len(found["buckets"]) == 15
    assert [bucket["count"] for bucket in found["buckets"]] == found["series"]["energy"]
    assert {"start": "2026-02-01", "kind": "source", "name": "cea"} in found["marks"]
    assert {"start": "2026-02-01", "kind": "model", "name": "m2"} in found["marks"]
    assert sum(bucket["sources"] for bucket in found["buckets"] if bucket["start"] == "2026-02-01") == 2
    assert found["query"] == ""


def test_days_and_weeks_are_steps_too(portal: Portal) -> None:
    published(portal, 0, 1, 8)
    for step, number in (("day", 15), ("week", 3)):
        asked = {"step": step, "since": "2026-02-16", "until": "2026-03-02"}
        found = portal.get("/api/v1/trends", params=asked).json()
        assert len(found["buckets"]) == number
        assert sum(bucket["count"] for bucket in found["buckets"]) == 4  # the portal's own item is one


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("q=theem:x", "q"),
        ("by=colour", "by"),
        ("step=year", "step"),
        ("since=yesterday", "since"),
        ("since=2026-02-01&until=2026-01-01", "since"),
        ("since=1900-01-01&step=day", "since"),
        ("theme=ai", "theme"),
    ],
)
def test_a_program_is_told_what_is_wrong(portal: Portal, asked: str, named: str) -> None:
    answer = portal.get(f"/api/v1/trends?{asked}")
    assert answer.status_code == 400
    assert [part["name"] for part in answer.json()["parameters"]] == [named]
    assert answer.json()["detail"]


def test_facets_for_programs(portal: Portal) -> None:
    published(portal, 3, themes=("ai", "energy"))
    found = portal.get("/api/v1/facets?q=theme:energy").json()
    assert found["query"] == "theme:energy"
    assert found["facets"]["theme"] == [{"value": "energy", "count": 2}, {"value": "ai", "count": 1}]
    assert set(found["facets"]) == {"theme", "source", "org", "country", "lang", "band", "month"}
    assert set(portal.get("/api/v1/facets?by=lang").json()["facets"]) == {"lang"}
    broken = portal.get("/api/v1/facets?q=theme:").json()
    assert (broken["code"], broken["position"]) == ("bad_query", 0)


def test_bars_stand_on_the_ground_and_reach_the_top() -> None:
    low, high, none = bars([1, 4, 0], 4)
    assert (high.y, high.height) == (0, HEIGHT)
    assert low.y + low.height == HEIGHT
    assert none.height == 0
    assert low.x < high.x < none.x < WIDTH
    assert bars([], 0) == ()
    assert bars([0], 0)[0].height == 0
    assert line([0, 2], 2, 60).split() == [f"{WIDTH / 4},60.0", f"{WIDTH * 3 / 4},0.0"]


def test_the_search_leads_to_its_trend(portal: Portal) -> None:
    portal.archive(a_german_item("x", published=later(hours=1)))
    assert 'href="/de/trends?q=Netz&amp;theme=energy"' in portal.get("/de/search?q=Netz&theme=energy").text
