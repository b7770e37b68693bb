"""A reader sees which publications tell one event and why, in three languages, and goes on to the comparison."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from services.archivist import subjects
from services.archivist.write import handler
from services.portal.app import build
from shared.items import ClassifiedItem
from tests.archived import a_classified, a_verdict, live
from tests.meant import says
from tests.unit.comparison.test_compare import DE, FR
from tests.unit.portal.conftest import furnished

pytestmark = pytest.mark.browser

WORDS = {
    "de": ("dasselbe Ereignis in anderen Worten", "Zum selben Thema", "Mit dieser Fassung vergleichen"),
    "fr": ("même événement", "Sur le même sujet", "Comparer avec cette version"),
    "en": ("the same event", "On the same subject", "Compare with this version"),
}


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with one event in two languages, and another of the same subject."""
    furnish = furnished(tmp_path_factory.mktemp("story"), http="127.0.0.1:0")
    portal = next(furnish)
    told = [
        says(_told("lab-de", "leuchtturm", DE.language, DE.title, DE.text), 1),
        says(_told("lab-fr", "cote", FR.language, FR.title, FR.text), 0.8),
        says(_told("next", "ailleurs", "fr", "Un autre laboratoire ouvre à Nancy", "Il est petit."), 0.56, way=2),
    ]
    handler(portal.store)(live(*told))
    subjects.step(portal.store)
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    host, port = service.address
    yield f"http://{host}:{port}"
    service.stop(10)
    next(furnish, None)


def _told(item_id: str, source: str, language: str, title: str, text: str) -> ClassifiedItem:
    verdict = a_verdict(language=language, organisations=(), reasons=())
    return a_classified(item_id, source=source, source_name=source, title=title, text=text, verdict=verdict)


@pytest.mark.parametrize("language", WORDS)
def test_a_story_says_what_tells_it_and_why(chromium: Browser, joined: str, language: str) -> None:
    why, subject, compare = WORDS[language]
    page = chromium.new_context(viewport={"width": 320, "height": 800}).new_page()
    page.goto(f"{joined}/{language}/stories/lab-de")
    for title in (DE.title, FR.title):
        page.get_by_role("link", name=title).first.wait_for()
    assert why in page.content()
    page.get_by_role("heading", name=subject).wait_for()
    page.get_by_role("link", name="Un autre laboratoire ouvre à Nancy").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name=compare).first.click()
    page.wait_for_url("**/compare?**")
    assert page.get_by_role("heading", level=1).count() == 1
    page.context.close()


@pytest.mark.parametrize("language", WORDS)
def test_a_list_shows_the_event_once_and_every_publication_on_a_click(
    chromium: Browser, joined: str, language: str
) -> None:
    page = chromium.new_context(viewport={"width": 1000, "height": 800}).new_page()
    page.goto(f"{joined}/{language}/search?q=story:lab-fr")
    titles = page.get_by_role("link", name=DE.title).count() + page.get_by_role("link", name=FR.title).count()
    assert titles == 1
    page.locator('a[href*="each=1"]').first.click()
    page.wait_for_url("**each=1**")
    assert page.get_by_role("link", name=DE.title).count() == page.get_by_role("link", name=FR.title).count() == 1
    page.context.close()
