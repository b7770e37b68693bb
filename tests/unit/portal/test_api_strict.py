"""The API takes what it knows and nothing else: a program that is wrong is told, and never given everything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.portal.allowance import PER_WINDOW, WINDOW, Allowance
from tests.archived import NOON
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import Opening, Portal, a_german_item

ITEMS = "/api/v1/items"


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for the tests that change nothing there."""
    yield from furnished(tmp_path_factory.mktemp("strict"))


def refused(portal: Portal, path: str) -> dict[str, Any]:
    answer = portal.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), path
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    assert problem["type"].startswith("http://127.0.0.1:8080/en/api#")
    return problem


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("theme:(", 6),
        ("theme:", 0),
        ('Netz "offen', 5),
        ("(Netz", 0),
        ("Netz))", 4),
        ("Netz OR", 5),
        ("NOT", 0),
        ("+++", 0),
        ("  ()", 2),
        ("Netz theem:energy", 5),
        ("sovereignty:>9", 12),
    ],
)
def test_a_broken_query_is_refused_with_its_place_and_never_finds_everything(
    read_only: Portal, query: str, position: int
) -> None:
    problem = refused(read_only, f"{ITEMS}?q={query.replace('+', '%2B')}")
    assert (problem["code"], problem["position"], problem["parameters"][0]["name"]) == ("bad_query", position, "q")


@pytest.mark.parametrize("query", ["", "Netz", "KI %26 Netz", "theme:(energy OR ai)", "  "])
def test_a_whole_query_is_answered(read_only: Portal, query: str) -> None:
    answer = read_only.get(f"{ITEMS}?q={query}")
    assert (answer.status_code, answer.json()["count"]) == (200, 1)


@pytest.mark.parametrize(
    ("path", "parameter", "says"),
    [
        (f"{ITEMS}?theme=energy", "theme", "q=theme:"),
        (f"{ITEMS}?limits=3", "limits", "did you mean limit?"),
        (f"{ITEMS}?q=a&q=b", "q", "2 times"),
        (f"{ITEMS}?q=source:a%00", "q", "zero byte"),
        (f"{ITEMS}?limit=201", "limit", "200"),
        (f"{ITEMS}?limit=many", "limit", "integer"),
        (f"{ITEMS}?order=best", "order", "newest"),
        (f"{ITEMS}?cursor=nonsense", "cursor", "first page"),
        (f"{ITEMS}/netz?lang=de", "lang", "takes none"),
        ("/api/v1/status?verbose=1", "verbose", "takes none"),
    ],
)
def test_a_parameter_that_is_not_there_or_does_not_fit_is_named(
    read_only: Portal, path: str, parameter: str, says: str
) -> None:
    problem = refused(read_only, path)
    assert [each["name"] for each in problem["parameters"]] == [parameter]
    assert says in problem["parameters"][0]["detail"]
    assert says in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", ITEMS, "GET, HEAD"),
        ("DELETE", f"{ITEMS}/netz", "GET, HEAD"),
        ("PUT", "/de/subscribe", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_an_address_does_not_answer_is_405_with_those_that_it_does(
    read_only: Portal, method: str, path: str, allowed: str
) -> None:
    answer = read_only.browser.request(method, path, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_items_come_in_either_order_and_pages_keep_it(portal: Portal) -> None:
    portal.archive(*(a_german_item(f"n{number}") for number in range(3)))
    seen, path = [], f"{ITEMS}?limit=2&order=oldest"
    while path:
        answer = portal.get(path).json()
        seen += [item["item_id"] for item in answer["items"]]
        path = answer["next"]
    assert seen == [item["item_id"] for item in reversed(portal.get(ITEMS).json()["items"])]


# ---- what a client has left


def test_every_answer_says_what_is_left_and_who_has_nothing_left_waits(portal: Portal) -> None:
    answer = portal.get(ITEMS)
    assert answer.headers["ratelimit-policy"] == f'"client";q={PER_WINDOW};w=60'
    assert answer.headers["ratelimit"] == f'"client";r={PER_WINDOW - 1};t=60'
    assert portal.get(f"{ITEMS}?q=theme:(").headers["ratelimit"] == f'"client";r={PER_WINDOW - 2};t=60'
    for _ in range(PER_WINDOW - 2):
        portal.app.state.allowance.ask("127.0.0.1", portal.clock.now())
    portal.clock.advance(seconds=20)
    full = portal.get(ITEMS)
    assert (full.status_code, full.headers["content-type"]) == (429, "application/problem+json")
    assert (full.headers["retry-after"], full.headers["ratelimit"]) == ("40", '"client";r=0;t=40')
    assert portal.get("/de/").status_code == 200
    portal.clock.advance(seconds=40)
    assert portal.get(ITEMS).status_code == 200


@pytest.mark.parametrize("moment", [NOON + WINDOW, NOON - WINDOW])
def test_a_window_ends_also_when_the_clock_is_set_back(moment: datetime) -> None:
    allowance = Allowance(1)
    assert [allowance.ask("a", at).granted for at in (NOON, NOON, moment)] == [True, False, True]
    assert allowance.ask("b", moment).granted


def test_who_waits_as_long_as_it_is_told_is_answered() -> None:
    allowance, asked = Allowance(1), NOON + timedelta(seconds=30, milliseconds=700)
    allowance.ask("a", NOON)
    refused = allowance.ask("a", asked)
    assert (refused.granted, refused.resets) == (False, 30)
    assert allowance.ask("a", asked + timedelta(seconds=refused.resets)).granted


# ---- stories, organisations, sources


def test_a_story_is_found_by_the_id_of_any_item_that_it_began_with(read_only: Portal) -> None:
    story = read_only.get("/api/v1/stories/netz").json()
    assert (story["story"], [item["item_id"] for item in story["items"]]) == ("netz", ["netz"])
    assert read_only.get("/api/v1/stories/none").status_code == 404


def test_organisations_are_those_that_items_name_with_the_query_that_finds_them(read_only: Portal) -> None:
    (first, *_) = bodies = read_only.get("/api/v1/organisations").json()["organisations"]
    assert first == {"id": "dfki", "name": "DFKI", "country": "DE", "items": 1, "query": 'org:"DFKI"'}
    for body in bodies:
        assert read_only.get(ITEMS, params={"q": body["query"]}).json()["count"] == body["items"]
    assert read_only.get("/api/v1/organisations/dfki").json() == first
    assert read_only.get("/api/v1/organisations/inria").json()["items"] == 0
    assert read_only.get("/api/v1/organisations/none").status_code == 404


def test_one_source_is_as_in_the_list(read_only: Portal) -> None:
    for source in read_only.get("/api/v1/sources").json()["sources"]:
        assert read_only.get(f"/api/v1/sources/{source['id']}").json() == source
    assert read_only.get("/api/v1/sources/none").status_code == 404


# ---- the description


@pytest.fixture
def description(read_only: Portal) -> dict[str, Any]:
    read: dict[str, Any] = read_only.get("/api/openapi.json").json()
    return read


def test_the_description_says_where_how_and_that_no_key_is_needed(
    portal_with: Opening, description: dict[str, Any]
) -> None:
    assert description["servers"][0]["url"] == "/"
    assert description["security"] == []
    public = portal_with(public_url="https://example.org/vigie").get("/api/openapi.json").json()
    assert public["servers"][0]["url"] == "https://example.org/vigie"


def test_times_are_described_as_times_and_every_schema_holds(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert schemas["Item"]["properties"]["first_seen"]["format"] == "date-time"
    assert schemas["Item"]["properties"]["published"]["anyOf"][0]["format"] == "date-time"
    assert schemas["Item"]["properties"]["published_on"]["anyOf"][0]["format"] == "date"
    assert "HTTPValidationError" not in schemas


def test_every_address_describes_its_errors_its_limits_and_its_parameters(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        (operation,) = methods.values()
        problems = {status for status in operation["responses"] if status >= "400"}
        assert problems == {"400", "429", "503"} | ({"404", "410"} if "{" in path else set())
        for status, response in operation["responses"].items():
            assert "RateLimit" in response["headers"]
            if status in problems:
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["in"] == "path"
