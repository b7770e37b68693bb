"""The API: pages of items, single items, errors as RFC 9457, and what supervisors ask."""

import pytest

from tests.unit.portal.site import Portal, a_german_item


def test_items_have_the_keys_of_the_contract_and_the_query_as_understood(portal: Portal) -> None:
    answer = portal.get("/api/v1/items?q=Netz  theme:energy").json()
    assert (answer["query"], answer["count"], answer["next"]) == ("Netz theme:energy", 1, None)
    (item,) = answer["items"]
    assert item["first_seen"] == "2026-03-02T09:00:00Z"
    assert item["published"] == "2026-03-02T12:00:00Z"
    assert item["scores"] == {"energy": 0.93, "health": 0.2}
    assert item["themes"] == ["energy"]
    assert "text" not in item


def test_where_nothing_is_found_the_api_names_the_other_spelling_and_finds_nothing(portal: Portal) -> None:
    answer = portal.get("/api/v1/items?q=ubersee").json()
    assert (answer["count"], answer["items"]) == (0, [])
    assert answer["other_spelling"] == "ubersee OR übersee"
    assert portal.get("/api/v1/items?q=Übersee").json()["other_spelling"] is None


def test_pages_are_walked_by_next_and_end_with_null(portal: Portal) -> None:
    portal.archive(*(a_german_item(f"n{number}") for number in range(6)))
    seen, path = [], "/api/v1/items?limit=3"
    while path:
        answer = portal.get(path)
        seen += [item["item_id"] for item in answer.json()["items"]]
        path = answer.json()["next"]
        assert ("link" in answer.headers) == bool(path)
    assert len(seen) == len(set(seen)) == 7


def test_what_says_a_word_in_its_title_comes_first_where_relevance_is_asked_for(portal: Portal) -> None:
    portal.archive(*(a_german_item(f"n{n}", title=f"Haus {n}", text="Ein Netz.") for n in range(4)))
    seen, path = [], "/api/v1/items?q=Netz&order=relevant&limit=2"
    while path:
        answer = portal.get(path).json()
        seen += [item["item_id"] for item in answer["items"]]
        path = answer["next"]
    assert sorted(seen) == ["n0", "n1", "n2", "n3", "netz"]
    assert seen[0] == "netz"


def test_an_item_has_reasons_revisions_and_sightings(portal: Portal) -> None:
    item = portal.get("/api/v1/items/netz").json()
    assert item["reasons"][0] == {"label": "energy", "passage": "das Netz", "weight": 0.7}
    assert item["revisions"][0]["revision"] == 1
    assert item["sightings"][0]["source"] == "dfki"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/items?q=Netz theem:x", 400, "bad_query"),
        ("/api/v1/items?limit=0", 400, "bad_request"),
        ("/api/v1/items?cursor=nonsense", 400, "bad_request"),
        ("/api/v1/items/none", 404, "missing"),
        ("/api/v1/nothing", 404, "missing"),
    ],
)
def test_errors_are_problems(portal: Portal, path: str, status: int, code: str) -> None:
    answer = portal.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["status"] == status


def test_a_malformed_query_names_its_position(portal: Portal) -> None:
    assert portal.get("/api/v1/items?q=Netz theem:x").json()["position"] == 5


def test_who_has_an_answer_already_gets_304(portal: Portal) -> None:
    first = portal.get("/api/v1/items")
    again = portal.get("/api/v1/items", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_sources_say_how_they_are_and_why_one_is_off(portal: Portal) -> None:
    sources = {source["id"]: source for source in portal.get("/api/v1/sources").json()["sources"]}
    assert sources["dfki"]["state"] == "new"
    assert sources["stumm"]["off_reason"] == "robots.txt forbids it"


def test_the_status_counts_without_telling_what_is_red(portal: Portal) -> None:
    status = portal.get("/api/v1/status").json()
    assert status["items"] == 1
    assert status["ok"] is False  # nothing runs in this test
    assert status["stages"]["classifier"] == {"alive": False, "backlog": 0, "dead": 0}
    assert set(status["deliveries"]) >= {"pending", "sending", "sent", "failed", "held", "unknown"}


def test_the_description_is_openapi_and_names_every_address(portal: Portal) -> None:
    description = portal.get("/api/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {
        "/api/v1/items",
        "/api/v1/items/{item_id}",
        "/api/v1/stories/{story_id}",
        "/api/v1/organisations",
        "/api/v1/organisations/{organisation_id}",
        "/api/v1/sources",
        "/api/v1/sources/{source_id}",
        "/api/v1/status",
        "/api/v1/watched",
        "/api/v1/one-sided",
        "/api/v1/facets",
        "/api/v1/trends",
    }


def test_the_process_lives_and_is_ready(portal: Portal) -> None:
    assert portal.get("/healthz").json() == {"ok": True}
    answer = portal.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ok": True, "database": "ok", "schema": "ok", "bus": "ok"},
    )


def test_what_is_missing_is_named_and_the_process_still_lives(portal: Portal) -> None:
    with portal.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    answer = portal.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["schema"] == "outdated: run `vigie migrate`"
    assert answer.json()["database"] == "ok"
    assert portal.get("/healthz").status_code == 200
