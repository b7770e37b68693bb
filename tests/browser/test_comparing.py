"""A reader goes from an item to what its other version does not say, in three languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, update

from services.portal.app import build
from shared.archive.tables import ItemRow
from tests.archived import a_classified, a_verdict
from tests.unit.comparison.test_compare import CRITIC, DE, FR
from tests.unit.portal.conftest import furnished

pytestmark = pytest.mark.browser

WORDS = {
    "de": ("Mit dieser Fassung vergleichen", "Was die andere Fassung nicht sagt"),
    "fr": ("Comparer avec cette version", "Ce que l’autre version ne dit pas"),
    "en": ("Compare with this version", "What the other version does not say"),
}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with one story in two languages, told differently."""
    furnish = furnished(tmp_path_factory.mktemp("comparing"), http="127.0.0.1:0")
    portal = next(furnish)
    texts = ((DE, f"{DE.text} {CRITIC}"), (FR, FR.text.replace("15 millions", "50 millions")))
    for version, text in texts:
        verdict = a_verdict(language=version.language)
        portal.archive(a_classified(f"lab-{version.language}", verdict=verdict, title=version.title, text=text))
    with portal.store.writing() as session:
        session.execute(update(ItemRow).where(col(ItemRow.item_id).like("lab-%")).values(story="lab-de"))
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    host, port = service.address
    yield f"http://{host}:{port}"
    service.stop(10)
    next(furnish, None)


@pytest.mark.parametrize("language", WORDS)
def test_a_reader_finds_what_one_version_says_alone(chromium: Browser, laboratory: str, language: str) -> None:
    link, title = WORDS[language]
    page = chromium.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=True).new_page()
    page.goto(f"{laboratory}/{language}/items/lab-fr")
    page.get_by_role("link", name=link).click()
    page.get_by_role("heading", level=1, name=title).wait_for()
    page.get_by_text(CRITIC).wait_for()
    page.get_by_text("50 millions", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()
