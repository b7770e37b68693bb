"""A story's page names what may tell the same event in words of its own, as no more than that."""

import pytest

from services.archivist import subjects
from services.archivist.write import handler
from tests.archived import live
from tests.unit.archivist.test_perhaps_one_event import FRENCH, GERMAN, told
from tests.unit.portal.site import Portal

SAID = {
    "de": "vielleicht dasselbe Ereignis in eigenen Worten",
    "fr": "peut-être le même événement en d’autres termes",
    "en": "perhaps the same event in words of its own",
}


@pytest.mark.parametrize("language", SAID)
def test_it_is_said_in_the_readers_language(portal: Portal, language: str) -> None:
    handler(portal.store)(live(told("de", GERMAN, 1), told("fr", FRENCH, 0.51)))
    while subjects.step(portal.store):
        pass
    page = portal.get(f"/{language}/stories/de").text
    assert SAID[language] in page
    assert f"/{language}/stories/fr" in page
