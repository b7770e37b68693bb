"""What axe has to say of a page.

Its program is read once for each document, which is as much work as all it then does in a small one.
"""

from collections.abc import Mapping
from typing import Final

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

EVERYTHING: Final[Mapping[str, object]] = {}
COLOURS: Final = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # all that a scheme may change
_PROGRAM: Final = Axe().axe_script


def complaints(page: Page, options: Mapping[str, object] = EVERYTHING) -> str:
    """A report of what is wrong; empty when nothing is."""
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(_PROGRAM)
    asked = {**options, "resultTypes": ["violations"]}
    found = AxeResults(page.evaluate("options => axe.run(document, options)", asked))
    return found.generate_report() if found.violations_count else ""
