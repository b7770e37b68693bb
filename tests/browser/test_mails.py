"""Mails as a browser shows them: what axe has to say, in both colour schemes; nothing sticks out of a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.unit.notifier.golden import files

HTML = {name: content for name, content in files() if name.endswith(".html")}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# three languages take turns with two schemes: each kind is looked at in both
# landmarks are for pages: a mail is read inside of one
NOT_FOR_MAILS = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}


@pytest.mark.parametrize(("name", "scheme"), [(name, ("light", "dark")[n % 2]) for n, name in enumerate(HTML)])
def test_axe_finds_nothing_and_nothing_sticks_out(chromium: Browser, name: str, scheme: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page.set_content(HTML[name])
        found = Axe().run(page, options={**RULES, **NOT_FOR_MAILS})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    finally:
        page.close()


def test_a_mail_loads_nothing(chromium: Browser) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for content in HTML.values():
        page.set_content(content)
    page.close()
    assert asked == []
