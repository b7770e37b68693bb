"""Operators correct the tags of an item on a page: their word is kept, what they left stays the machine's."""

import pytest

from shared.archive.corrections import corrected_items
from shared.archive.store import archived_item
from shared.items import Verdict
from tests.unit.portal.site import LANGUAGES, Opening, Portal, a_german_item
from tests.unit.portal.test_operations import PASSWORD, basic

PAGE = "/de/items/netz/correct"
SHOWN = ["energy", "franco_german"]  # what the form of the item shows as given


def verdict(portal: Portal) -> Verdict:
    with portal.store.reading() as session:
        item = archived_item(session, "netz")
    assert item is not None
    return item.verdict


def said(portal: Portal) -> dict[str, float]:
    """What people said of the item."""
    with portal.store.reading() as session:
        return dict(next((each.said for each in corrected_items(session)), {}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_shows_the_verdict_as_it_counts(portal: Portal, language: str) -> None:
    text = portal.get(f"/{language}/items/netz/correct").text
    assert 'value="energy" checked' in text
    assert 'value="health" checked' not in text
    assert [f'name="shown" value="{label}"' in text for label in (*SHOWN, "health")] == [True, True, False]


def test_the_item_leads_to_its_correction(portal: Portal) -> None:
    assert f'href="{PAGE}"' in portal.get("/de/items/netz").text


def test_only_what_was_changed_is_the_persons_word(portal: Portal) -> None:
    answer = portal.post(PAGE, {"shown": SHOWN, "given": ["health", "franco_german"], "sovereignty": "0.25"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/items/netz")
    assert said(portal) == {"energy": 0.0, "health": 1.0, "sovereignty": 0.25}
    assert (verdict(portal).themes, verdict(portal).sovereignty) == (("health",), 0.25)


def test_who_changed_nothing_said_nothing(portal: Portal) -> None:
    assert portal.post(PAGE, {"shown": SHOWN, "given": SHOWN}).status_code == 303
    assert said(portal) == {}


def test_who_read_everything_confirms_the_rest(portal: Portal) -> None:
    portal.post(PAGE, {"shown": SHOWN, "given": SHOWN, "checked": "1"})
    assert len(said(portal)) == 14
    assert verdict(portal).themes == ("energy",)


def test_a_label_that_there_is_not_changes_nothing(portal: Portal) -> None:
    answer = portal.post(PAGE, {"shown": SHOWN, "given": [*SHOWN, "enrgy"]})
    assert (answer.status_code, said(portal)) == (400, {})


def test_an_item_that_there_is_not_is_missing(portal: Portal) -> None:
    assert portal.get("/de/items/nowhere/correct").status_code == 404
    assert portal.post("/de/items/nowhere/correct", {"given": ["health"]}).status_code == 404


def test_a_page_of_another_site_cannot_correct(portal: Portal) -> None:
    answer = portal.post(PAGE, {"given": ["health"]}, Sec_Fetch_Site="cross-site")
    assert (answer.status_code, said(portal)) == (403, {})


def test_beyond_loopback_only_who_has_the_password_corrects(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    portal.archive(a_german_item())
    form = {"shown": SHOWN, "given": ["health"]}
    assert portal.post(PAGE, form).status_code == 401
    assert said(portal) == {}
    assert portal.post(PAGE, form, Sec_Fetch_Site="same-origin", **basic(PASSWORD)).status_code == 303
    assert said(portal) == {"energy": 0.0, "franco_german": 0.0, "health": 1.0}
