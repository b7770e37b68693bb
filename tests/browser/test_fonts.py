"""The pages hold whatever font the reader's machine has: each family alone, in a browser of its own."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import CHROMIUM
from tests.browser.test_reading import SMALL_TARGETS, WIDTH, a_page, in_window

pytestmark = pytest.mark.browser

PLACES: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts/opentype")
PATHS: Final = ("/", "/search?q=Netz&theme=energy", "/stories/netz", "/operations")  # headings with links, states


@dataclass(frozen=True, slots=True)
class Family:
    """A family: how its files and its name begin, what it has for running text and for headings, its package."""

    files: Sequence[str]
    name: str
    sans: str
    serif: str
    package: str


FAMILIES: Final = (
    Family(("DejaVu*.ttf",), "DejaVu", "Sans", "Serif", "fonts-dejavu-core"),
    Family(("Liberation*.ttf",), "Liberation", "Sans", "Serif", "fonts-liberation"),
    Family(("NotoSans-*.ttf", "NotoSerif-*.ttf"), "Noto", "Sans", "Serif", "fonts-noto-core"),
    Family(("texgyre*.otf",), "TeX Gyre", "Heros", "Termes", "fonts-texgyre"),
)


@pytest.fixture(scope="module", params=FAMILIES, ids=lambda family: family.name)
def alone(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """A page of a browser that knows one family and nothing else."""
    family: Family = request.param
    found = [file for place in PLACES for pattern in family.files for file in Path(place).rglob(pattern)]
    if not found:
        pytest.skip(f"{family.name} is not installed: apt-get install {family.package}")
    folder = tmp_path_factory.mktemp("fonts")
    environment = {**os.environ, "FONTCONFIG_FILE": str(fontconfig(folder, family, found))}
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox"], env=environment)
    page = a_page(browser, scripts=True)
    yield page
    browser.close()


def fontconfig(folder: Path, family: Family, files: Sequence[Path]) -> Path:
    """A configuration with these fonts and nothing of the system's, whose rules name folders of their own."""
    (folder / "fonts").mkdir()
    for file in files:
        (folder / "fonts" / file.name).symlink_to(file)
    generic = {"system-ui": family.sans, "sans-serif": family.sans, "serif": family.serif}
    aliases = (
        f"<alias><family>{asked}</family><prefer><family>{family.name} {given}</family></prefer></alias>"
        for asked, given in generic.items()
    )
    written = folder / "fonts.conf"
    written.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{folder / 'fonts'}</dir><cachedir>{folder / 'cache'}</cachedir>{''.join(aliases)}</fontconfig>",
        "utf-8",
    )
    return written


def test_the_browser_draws_with_this_family_alone(
    alone: Page, address: str, request: pytest.FixtureRequest
) -> None:
    """Else the tests below would say nothing."""
    family: Family = request.node.callspec.params["alone"]
    alone.goto(f"{address}/de/")
    drawn = [name for tag in ("h1", "label", "h3", "p") for name in fonts_of(alone, tag)]
    assert drawn
    assert [name for name in drawn if not name.startswith(family.name)] == []


def fonts_of(page: Page, tag: str) -> Sequence[str]:
    """The families that the first element of a tag was drawn with."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": tag})["nodeId"]
    return [font["familyName"] for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]]


def test_every_page_fits_and_what_can_be_pressed_is_large_enough(alone: Page, address: str) -> None:
    for path in PATHS:
        alone.goto(f"{address}/de{path}")
        for width in (320, 1280):
            in_window(alone, width)
            assert alone.evaluate(SMALL_TARGETS) == [], (path, width)
            assert alone.evaluate(WIDTH) <= width, (path, width)


def test_twice_the_text_size_fits_with_room_for_wider_letters(alone: Page, address: str) -> None:
    width = 560  # 640 is asked for; other families are up to an eighth wider than these
    alone.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        alone.goto(f"{address}/fr{path}")
        alone.evaluate("document.documentElement.style.fontSize = '200%'")
        assert alone.evaluate(WIDTH) <= width, path
