"""The page behind the wider terms of a notice: a look changes nothing, the button does."""

import pytest

from shared.subscriptions.links import Purpose
from shared.subscriptions.widening import subject
from tests.unit.portal.site import LANGUAGES, Portal


def way(portal: Portal, language: str, query: str = "theme:energy") -> str:
    id_ = portal.subscribed("theme:energy Elektrolyse")
    return f"/{language}/widen/{portal.token(Purpose.WIDEN, subject(id_, query))}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_gives_the_wider_terms_once(portal: Portal, language: str) -> None:
    path = way(portal, language)
    for _ in range(2):
        assert "Elektrolyse" in portal.get(path).text
    assert portal.post(path).status_code == 200
    assert portal.get(path).status_code == 404


def test_terms_that_nobody_offered_are_not_there(portal: Portal) -> None:
    assert portal.get(way(portal, "de", "theme:health")).status_code == 404
