"""Trying the API in a browser: by forms without JavaScript, and with Swagger UI under its policy."""

import json
import re

import pytest
from playwright.sync_api import Browser, Request

from services.portal import frontend
from tests.browser.test_reading import a_page

pytestmark = pytest.mark.browser


def test_a_form_shows_what_the_api_answers_without_javascript(chromium: Browser, address: str) -> None:
    page = a_page(chromium)
    page.goto(f"{address}/de/api")
    page.get_by_text("/api/v1/items", exact=True).last.click()
    page.locator("details[open] input[name=q]").fill("Netz")
    page.locator("details[open]").get_by_role("button", name="Senden").click()
    page.wait_for_url(re.compile(f"{re.escape(address)}/api/v1/items\\?q=Netz&.*order=newest"))
    assert json.loads(page.inner_text("body"))["query"] == "Netz"
    page.context.close()


def test_swagger_ui_sends_a_request_and_asks_nobody_else(chromium: Browser, address: str) -> None:
    if not frontend.installed():
        pytest.skip("Swagger UI is not installed: make frontend")
    page = a_page(chromium, scripts=True)
    said: list[str] = []
    asked: list[Request] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request))
    page.goto(f"{address}/en/api/swagger")
    page.get_by_text("/api/v1/status", exact=True).click()
    page.get_by_role("button", name="Execute").first.click()
    page.get_by_text('"deliveries"').first.wait_for()
    page.get_by_text("ratelimit", exact=False).first.wait_for()
    assert {request.url.split("/")[2] for request in asked if request.url.startswith("http")} == {
        address.split("/")[2]
    }
    assert said == []
    page.context.close()
