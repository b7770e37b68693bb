"""Mails as a browser shows them: what axe has to say, in both colour schemes; nothing sticks out of a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.unit.notifier.golden import files, names

HTML = [name for name in names() if name.endswith(".html")]
KINDS = sorted({name.partition(".")[0] for name in HTML})
LANGUAGES = ("de", "fr", "en")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# landmarks are for pages: a mail is read inside of one
NOT_FOR_MAILS = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # nothing else differs between the schemes


@pytest.mark.parametrize("name", [f"{kind}.{LANGUAGES[n % 3]}.html" for n, kind in enumerate(KINDS)])
def test_axe_finds_nothing_in_a_mail_of_each_kind_in_either_scheme(chromium: Browser, name: str) -> None:
    """Three languages take turns."""
    page = chromium.new_page(viewport={"width": 320, "height": 800}, color_scheme="light")
    try:
        page.set_content(files()[name])
        found = Axe().run(page, options={**RULES, **NOT_FOR_MAILS})
        assert found.violations_count == 0, found.generate_report()
        page.emulate_media(color_scheme="dark")
        found = Axe().run(page, options=COLOURS)
        assert found.violations_count == 0, found.generate_report()
    finally:
        page.close()


@pytest.mark.long
@pytest.mark.parametrize(("name", "scheme"), [(name, scheme) for name in HTML for scheme in ("light", "dark")])
def test_axe_finds_nothing_in_any_mail(chromium: Browser, name: str, scheme: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page.set_content(files()[name])
        found = Axe().run(page, options={**RULES, **NOT_FOR_MAILS})
        assert found.violations_count == 0, found.generate_report()
    finally:
        page.close()


def test_a_mail_loads_nothing_and_nothing_sticks_out_of_a_phone(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in HTML:
        page.set_content(files()[name])
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    page.close()
    assert asked == []
