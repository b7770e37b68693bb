"""The pages of self-service as a browser shows them: what axe has to say, in both schemes; nothing sticks out."""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from services.portal.app import build
from shared.subscriptions.links import Purpose
from tests.browser.accessible import COLOURS, complaints
from tests.unit.portal.conftest import furnished
from tests.unit.portal.test_yours import by_mail, hour

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Name -> address, of the pages of somebody with two subscriptions, one of them paused."""
    furnish = furnished(tmp_path_factory.mktemp("own"), http="127.0.0.1:0")
    portal = next(furnish)
    first = portal.subscribed("(theme:energy OR theme:health) lang:de Netz")
    yours = hour(portal, "de")
    portal.post(yours, {"action": "pause", "subscription": portal.subscribed("theme:ai"), "days": "7"})
    portal.post("/en/operations/groups", {"name": "Pult", "q": "theme:energy"})
    member = {"action": "add", "addresses": "member@example.org", "proof": "Protokoll"}
    portal.post("/en/operations/groups/Pult", member)
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    host, port = service.address
    paths = {
        "yours": yours,
        "change": f"{yours}/change/{first}",
        "elsewhere": f"{yours}/elsewhere/{first}",
        "record": f"{yours}/record",
        "erase": f"{yours}/erase",
        "links": "/fr/links",
        "preferences": by_mail(portal, Purpose.PREFERENCES, first, "fr"),
        "leave": by_mail(portal, Purpose.LEAVE, first, "en"),
        "suppressed": "/en/operations/suppressed",
        "groups": "/de/operations/groups",
        "group": "/fr/operations/groups/Pult",
    }
    yield {name: f"http://{host}:{port}{path}" for name, path in paths.items()}
    service.stop(10)
    next(furnish, None)


def test_axe_finds_nothing_in_either_scheme_and_nothing_sticks_out(
    chromium: Browser, pages: Mapping[str, str]
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, color_scheme="light", bypass_csp=True)
    page = context.new_page()
    for name, address in pages.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert complaints(page) == "", name
        page.emulate_media(color_scheme="dark")
        assert complaints(page, COLOURS) == "", name
        page.emulate_media(color_scheme="light")
    context.close()
