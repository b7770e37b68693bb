"""The help in three languages: every example is understood, every field stands there, every text is said."""

import pytest

from services.portal.asking import EVERY
from services.portal.pages.help import fields
from services.portal.site import HERE
from shared.locales import load_texts
from shared.query.fields import FIELDS, TITLE
from shared.query.strict import parse_strictly
from tests.unit.portal.site import LANGUAGES, Portal


@pytest.mark.parametrize("example", EVERY)
def test_an_example_is_understood_as_it_stands(example: str) -> None:
    assert parse_strictly(example).repairs == ()


def test_every_field_has_an_example_and_its_names() -> None:
    assert {name for name in FIELDS.values() if not any(f"{name}:" in example for example in EVERY)} == set()
    assert set(fields()) == {*FIELDS.values(), TITLE}
    assert "thema" in fields()["theme"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_them_all_in_the_language_of_the_reader(portal: Portal, language: str) -> None:
    text = portal.get(f"/{language}/help").text
    assert text.count("<dt>") == len(EVERY) + len(fields())
    said = load_texts(HERE / "locales")[language]
    assert said("help_rules") in text
    assert f'href="/{language}/search?q=DFKI%2FInria"' in text
    assert f'href="/{language}/help"' in portal.get(f"/{language}/search").text
