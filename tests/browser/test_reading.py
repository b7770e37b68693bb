"""What only a browser can say: keyboard, narrow windows, contrast, target size, and who is asked for anything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.pipeline.harness import wait_until

pytestmark = pytest.mark.browser

LANGUAGES = ("de", "fr", "en")
SCHEMES: Final = ("light", "dark")
WINDOWS: Final = (360, 1280)
PATHS = (
    "/",
    "/search?q=Netz&theme=energy",
    "/search?q=theem:x",
    "/trends?q=Netz&by=theme",
    "/help",
    "/items/netz",
    "/stories/netz",
    "/sources",
    "/subscribe",
    "/about",
    "/api",
    "/operations",
    "/mails",
    "/nowhere",
)


def a_page(chromium: Browser, width: int = 1280, *, scripts: bool = False, **options: Any) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, **options
    )
    return context.new_page()


class Windows:
    """Pages that the tests use one after the other: to open one is half a second of work."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._open: dict[bool, Page] = {}

    def __call__(self, width: int = 1280, *, scripts: bool = False) -> Page:
        """As wide as it is asked for, and empty."""
        if scripts not in self._open:
            self._open[scripts] = a_page(self._chromium, scripts=scripts)
        page = self._open[scripts]
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("about:blank")
        return page

    def close(self) -> None:
        for page in self._open.values():
            page.context.close()


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Windows]:
    with closing(Windows(chromium)) as windows:
        yield windows


@dataclass(frozen=True, slots=True)
class Looked:
    """What a browser measures on one page, in one visit: going there is more work than all that is measured."""

    narrow: int  # pixels that it is wide in a window of 320
    weak: Mapping[str, Sequence[object]]  # colour scheme -> words that hardly stand out
    small: Mapping[int, Sequence[object]]  # width of the window -> what is too small to be pressed
    twice: int  # pixels that it is wide in a window of 640 with letters of twice the size


Looking = Callable[[str], Mapping[str, Looked]]  # language -> path -> what was seen there


def look(page: Page) -> Looked:
    weak = {scheme: in_scheme(page, scheme).evaluate(CONTRAST) for scheme in SCHEMES}
    small = {width: in_window(page, width).evaluate(SMALL_TARGETS) for width in WINDOWS}
    narrow = in_window(page, 320).evaluate(WIDTH)
    in_window(page, 640).evaluate("document.documentElement.style.fontSize = '200%'")
    return Looked(narrow, weak, small, page.evaluate(WIDTH))


def in_scheme(page: Page, scheme: Literal["light", "dark"]) -> Page:
    page.emulate_media(color_scheme=scheme)
    question = f"matchMedia('(prefers-color-scheme: {scheme})').matches"
    wait_until(lambda: page.evaluate(question), 10, f"a {scheme} page")
    return page


def in_window(page: Page, width: int) -> Page:
    page.set_viewport_size({"width": width, "height": 800})
    wait_until(lambda: page.evaluate("innerWidth") == width, 10, f"a window of {width} pixels")
    return page


@pytest.fixture(scope="module")
def looked(window: Windows, address: str) -> Looking:
    """Every path of a language, looked at when first asked for."""

    @cache
    def of(language: str) -> Mapping[str, Looked]:
        page, found = window(scripts=True), {}
        for path in PATHS:
            page.goto(f"{address}/{language}{path}")
            found[path] = look(page)
        return found

    return of


def test_a_reader_searches_reads_and_subscribes_without_javascript(window: Windows, address: str) -> None:
    page = window()
    page.goto(f"{address}/de/")
    page.get_by_label("Archiv durchsuchen").fill("Netz")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name="KI steuert das Netz").click()
    page.locator("mark", has_text="das Netz").first.wait_for()
    page.get_by_role("link", name="Abonnieren").click()
    page.get_by_label("Energie").check()
    page.get_by_role("button", name="Vorschau").click()
    page.get_by_role("status").get_by_role("link", name="KI steuert das Netz").wait_for()
    page.get_by_label("E-Mail-Adresse").fill("reader@example.org")
    page.get_by_role("button", name="Abonnieren").click()
    page.get_by_role("heading", level=1, name="Bitte sehen Sie in Ihr Postfach").wait_for()


def test_a_link_in_the_shown_html_of_a_mail_leaves_its_frame(window: Windows, address: str, mail: str) -> None:
    page = window()
    page.goto(f"{address}/en/mails/{mail}")
    page.frames[1].get_by_role("link", name="About").click()
    page.wait_for_url(f"{address}/en/about")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_scrolls_sideways_at_320_pixels(looked: Looking, language: str) -> None:
    assert {path: page.narrow for path, page in looked(language).items() if page.narrow > 320} == {}


def test_no_page_asks_another_host_or_sets_a_cookie_or_breaks_its_policy(chromium: Browser, address: str) -> None:
    page = a_page(chromium)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path in PATHS:
        page.goto(f"{address}/fr{path}")
    assert asked
    assert [url for url in asked if not url.startswith(address)] == []
    assert page.context.cookies() == []
    assert [text for text in complaints if "Content Security Policy" in text] == []
    page.context.close()


def test_the_first_key_leads_past_the_navigation(window: Windows, address: str) -> None:
    page = window()
    page.goto(f"{address}/en/search")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")
    page.locator("#q:focus").wait_for()


def test_whatever_has_the_focus_shows_it(window: Windows, address: str) -> None:
    page = window(scripts=True)
    page.goto(f"{address}/de/subscribe")
    seen = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate("""() => {
            const at = document.activeElement;
            if (at === document.body) return null;
            const style = getComputedStyle(at), box = at.getBoundingClientRect();
            return {width: parseFloat(style.outlineWidth), style: style.outlineStyle, top: box.top, tag: at.id};
        }""")
        if outline is None:
            break
        seen += 1
        assert outline["style"] != "none", outline
        assert outline["width"] >= 2, outline
        assert outline["tag"] != "website"  # the trap is no station on the way
    assert seen > 15


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_stand_out_from_what_is_behind_them(looked: Looking, scheme: str) -> None:
    assert {path: page.weak[scheme] for path, page in looked("de").items() if page.weak[scheme]} == {}


@pytest.mark.parametrize("width", WINDOWS)
def test_what_can_be_pressed_is_large_enough(looked: Looking, width: int) -> None:
    assert {path: page.small[width] for path, page in looked("de").items() if page.small[width]} == {}


def test_twice_the_text_size_loses_nothing(looked: Looking) -> None:
    assert {path: page.twice for path, page in looked("fr").items() if page.twice > 640} == {}


WIDTH = "document.documentElement.scrollWidth"

# Contrast of every visible text with the nearest opaque colour behind it (WCAG 1.4.3); pictures are left out.
CONTRAST = """() => {
    const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
    const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const style = getComputedStyle(at), colour = parse(style.backgroundColor);
            if (style.backgroundImage !== 'none') return null;
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const weak = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        const box = element.getBoundingClientRect();
        if (!own || box.width < 2 || box.height < 2 || getComputedStyle(element).visibility === 'hidden') continue;
        const back = behind(element), style = getComputedStyle(element);
        if (!back) continue;
        const [a, b] = [light(parse(style.color)), light(back)].sort((x, y) => y - x);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < (large ? 3 : 4.5)) weak.push([element.tagName, element.className, ratio.toFixed(2)]);
    }
    return weak;
}"""

# Targets under 24 by 24 CSS pixels (WCAG 2.5.8), unless they stand in a line of text.
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter(element => !element.closest('.trap, p, blockquote, dd, td, th, .skip'))
    .map(element => [element.closest('label') || element, element])
    .filter(([target]) => {
        const box = target.getBoundingClientRect();
        return box.width > 0 && (box.width < 24 || box.height < 24);
    })
    .map(([target, element]) => [element.tagName, target.className, target.textContent.trim().slice(0, 30)])"""
