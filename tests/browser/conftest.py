"""Debian's chromium, without JavaScript, on a portal that really listens."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from services.portal.app import build
from tests.unit.portal.conftest import furnished

CHROMIUM: Final = os.environ.get("VIGIE_TEST_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no chromium at {CHROMIUM}: apt-get install chromium, or set VIGIE_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a portal with one item, a source that is on and one that is off."""
    furnish = furnished(tmp_path_factory.mktemp("browser"), http="127.0.0.1:0")
    portal = next(furnish)
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    host, port = service.address
    yield f"http://{host}:{port}"
    service.stop(10)
    next(furnish, None)
