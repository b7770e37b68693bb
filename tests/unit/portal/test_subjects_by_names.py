"""A story's page says what is of its subject by names alone."""

import pytest

from services.archivist import subjects
from services.archivist.write import handler
from tests.archived import live
from tests.unit.archivist.test_subjects_by_names import FRENCH, GERMAN, told
from tests.unit.portal.site import Portal

SAID = {
    "de": "nach Namen und Zahlen, die beide nennen",
    "fr": "d’après les noms et les chiffres que les deux citent",
    "en": "by names and numbers that both state",
}


@pytest.mark.parametrize("language", SAID)
def test_it_is_said_in_the_readers_language(portal: Portal, language: str) -> None:
    handler(portal.store)(live(told("de", GERMAN, 1), told("fr", FRENCH, 0.51)))
    while subjects.step(portal.store):
        pass
    page = portal.get(f"/{language}/stories/de").text
    assert SAID[language] in page
    assert f"/{language}/stories/fr" in page
