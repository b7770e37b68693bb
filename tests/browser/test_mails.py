"""Mails as a browser shows them: what axe has to say, in both colour schemes; nothing sticks out of a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessible import COLOURS, complaints
from tests.unit.notifier.golden import files, names

HTML = [name for name in names() if name.endswith(".html")]
KINDS = sorted({name.partition(".")[0] for name in HTML})
LANGUAGES = ("de", "fr", "en")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# landmarks are for pages: a mail is read inside of one
NOT_FOR_MAILS = {"rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}
WEAK = '<html lang="en"><title>Weak</title><h1 style="color: #777; background: #888">Hardly to be read</h1>'


@pytest.fixture(scope="module")
def phone(chromium: Browser) -> Iterator[Page]:
    """One for all mails: to open a page is more work than to look at a mail in it."""
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    yield page
    page.close()


@pytest.mark.parametrize("name", [f"{kind}.{LANGUAGES[n % 3]}.html" for n, kind in enumerate(KINDS)])
def test_axe_finds_nothing_in_a_mail_of_each_kind_in_either_scheme(phone: Page, name: str) -> None:
    """Three languages take turns."""
    phone.emulate_media(color_scheme="light")
    phone.set_content(files()[name])
    assert complaints(phone, {**RULES, **NOT_FOR_MAILS}) == ""
    phone.emulate_media(color_scheme="dark")
    assert complaints(phone, COLOURS) == ""


def test_what_is_wrong_with_a_mail_is_seen_after_one_that_is_right(phone: Page) -> None:
    """Else the tests above would say nothing."""
    phone.set_content(files()[HTML[0]])
    assert complaints(phone, COLOURS) == ""
    phone.set_content(WEAK)
    assert "color-contrast" in complaints(phone, COLOURS)
    assert "color-contrast" in complaints(phone, {**RULES, **NOT_FOR_MAILS})


@pytest.mark.long
@pytest.mark.parametrize(("name", "scheme"), [(name, scheme) for name in HTML for scheme in ("light", "dark")])
def test_axe_finds_nothing_in_any_mail(phone: Page, name: str, scheme: str) -> None:
    phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    phone.set_content(files()[name])
    assert complaints(phone, {**RULES, **NOT_FOR_MAILS}) == ""


def test_a_mail_loads_nothing_and_nothing_sticks_out_of_a_phone(phone: Page) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    for name in HTML:
        phone.set_content(files()[name])
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert asked == []
