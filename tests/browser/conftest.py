"""Debian's chromium, without JavaScript, on a portal that really listens."""

import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlmodel import select

from services.portal.app import build
from shared.sources.tables import SourceRow
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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """The address of a portal with one item, a source that is on, and one that is off, both of the mission."""
    furnish = furnished(folder, http="127.0.0.1:0")
    portal = next(furnish)
    with portal.store.writing() as session:
        for row in session.exec(select(SourceRow)):
            row.named = True
            session.add(row)
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    host, port = service.address
    yield f"http://{host}:{port}"
    service.stop(10)
    next(furnish, None)


@pytest.fixture
def mail(folder: Path, address: str) -> str:
    """The name of a mail in the file sink, with a link to the portal in its HTML."""
    link = f'<a href="{address}/en/about">About</a>'
    message = EmailMessage()
    message["Subject"] = "One"
    message.set_content("one")
    message.add_alternative(f"<html><head><title>One</title></head><body>{link}</body></html>", subtype="html")
    (folder / "mail").mkdir(exist_ok=True)
    (folder / "mail" / "one.eml").write_bytes(message.as_bytes())
    return "one"
