"""Who is responsible stands on every page, where the operator says so."""

import pytest

from tests.unit.portal.site import Opening

LABELS = {"de": "Verantwortlich: ", "fr": "Responsable\u202f: ", "en": "Responsible: "}


@pytest.mark.parametrize("path", ["", "search", "about", "subscribe"])
def test_it_stands_on_every_page_and_is_no_markup(portal_with: Opening, path: str) -> None:
    portal = portal_with(imprint="Verein <Beispiel>")
    for language, label in LABELS.items():
        assert f"{label}Verein &lt;Beispiel&gt;</p>" in portal.get(f"/{language}/{path}").text
