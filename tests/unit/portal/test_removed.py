"""What the portal says of an item that was taken out: gone, and why; and who asks again is not sent it."""

import pytest

from shared.archive.removal import Because, remove
from tests.unit.portal.site import LANGUAGES, Portal, a_german_item


def take_out(portal: Portal, item_id: str, reason: Because) -> None:
    with portal.store.writing() as session:
        remove(session, item_id, reason, portal.clock.now())


@pytest.mark.parametrize("reason", list(Because))
def test_its_addresses_are_gone_and_every_language_says_why(portal: Portal, reason: Because) -> None:
    said = set()
    take_out(portal, "netz", reason)
    for language in LANGUAGES:
        for path in ("items/netz", "items/netz.bib", "stories/netz"):
            answer = portal.get(f"/{language}/{path}")
            assert answer.status_code == 410
            assert f'lang="{language}"' in answer.text
            said.add(answer.text.split('<p class="lead">')[1].split("</p>")[0])
    assert len(said) == len(LANGUAGES)
    for path in ("/api/v1/items/netz", "/api/v1/stories/netz"):
        answer = portal.get(path)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["reason"]) == (410, "gone", reason.value)
        assert (problem["removed_at"], bool(problem["detail"])) == ("2026-03-02T09:00:00Z", True)


def test_an_address_that_never_was_is_missing_as_before(portal: Portal) -> None:
    take_out(portal, "netz", Because.REQUEST)
    assert portal.get("/de/items/nie").status_code == portal.get("/api/v1/items/nie").status_code == 404


@pytest.mark.parametrize("form", ["atom", "jsonfeed", "csv", "json"])
def test_who_asks_for_a_list_again_gets_one_without_it(portal: Portal, form: str) -> None:
    """An item that is older than others changes no date of the rest when it goes."""
    portal.clock.advance(hours=1)
    portal.archive(a_german_item("neu", title="Neues Netz"))
    portal.clock.advance(hours=1)
    first = portal.get(f"/de/search.{form}?q=Netz")
    assert "KI steuert das Netz" in first.text
    take_out(portal, "netz", Because.REQUEST)
    again = portal.get(f"/de/search.{form}?q=Netz", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert "Neues Netz" in again.text
    assert "KI steuert das Netz" not in again.text
