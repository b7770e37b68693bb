"""A reader's afternoon in the browser, through a real postfix: subscribe, read why, narrow, leave, be gone."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.pipeline.feeds import Entry, now, rss
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox
from tests.postfix import Postfix
from tests.servers import FeedServer

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(400)]

ADDRESS: Final = "reader@example.org"
TITLE: Final = "Strom aus Windenergie für das Stromnetz"
TEXT: Final = "Energie: Windenergie und Wasserstoff speisen das Stromnetz, die Energiewende kommt voran."


@dataclass
class Afternoon:
    """The product, the reader's mailbox behind a relay, their browser."""

    vigie: Vigie
    mailbox: Mailbox
    site: FeedServer
    page: Page
    language: str

    def mail(self, number: int) -> EmailMessage:
        """The mail of this number, when it is there."""
        wait_until(lambda: len(self.mailbox.mails) >= number, 90, f"mail {number}")
        return self.mailbox.mails[number - 1]

    def link(self, number: int, kind: str) -> str:
        """The link of a kind in the plain part of a mail."""
        mail = self.mail(number)
        text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        found = re.search(rf"http://\S+/{self.language}/{kind}/\S+", text)
        assert found, text
        return found[0]

    def press(self, action: str = "") -> None:
        """The button with this action, or the only one. The page is the next one then."""
        self.follow(f'main button[value="{action}"]' if action else "main button")

    def follow(self, where: str) -> None:
        """A click alone does not wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.locator(where).first.click()


def answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


Opening = Callable[[str], AbstractContextManager[Afternoon]]


@pytest.fixture
def begin(chromium: Browser, tmp_path: Path) -> Opening:
    @contextmanager
    def opened(language: str) -> Iterator[Afternoon]:
        with Mailbox() as mailbox, Postfix(int(mailbox.url.rpartition(":")[2])) as relay, FeedServer() as site:
            site.serve("/feed.xml", rss([]))
            settings = {
                "VIGIE_SMTP_URL": relay.url,
                "VIGIE_MAIL_FROM": "vigie@example.org",
                "VIGIE_MODEL": "lexicon",
            }
            with Vigie(tmp_path, **settings) as vigie:
                vigie.sources(("haus", site.url("/feed.xml")))
                vigie.command("migrate")
                vigie.start()
                wait_until(lambda: answers(vigie.port), 60, "the portal")
                context = chromium.new_context(java_script_enabled=False, accept_downloads=True)
                yield Afternoon(vigie, mailbox, site, context.new_page(), language)
                context.close()

    return opened


def subscribe(day: Afternoon) -> None:
    """With a box, at once and everything, from a page without JavaScript."""
    day.page.goto(f"{day.vigie.url}/{day.language}/subscribe")
    for ticked in ('[name="theme"][value="energy"]', '[value="instant"]', '[value="more"]'):
        day.page.locator(ticked).check()
    day.page.locator("#address").fill(ADDRESS)
    day.press("subscribe")
    day.page.goto(day.link(1, "confirm"))
    day.press()


def read_why(day: Afternoon) -> EmailMessage:
    """A release is published, and its mail says why it came."""
    day.site.serve("/feed.xml", rss([Entry("netz", TITLE, TEXT, now())]))
    mail = day.mail(2)
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert TITLE in text
    assert {"de": "Warum", "fr": "Pourquoi", "en": "Why"}[day.language] in text
    return mail


def narrow(day: Afternoon) -> str:
    """By a link of one's own: the boxes are there still, a word narrows them, the hour changes. The page then."""
    day.page.goto(day.link(2, "preferences"))
    assert ADDRESS not in day.page.content()
    day.press("links")
    day.page.goto(day.link(3, "open"))
    day.press()
    yours = day.page.url
    assert ADDRESS in day.page.content()
    day.follow('main a[href*="/change/"]')
    assert day.page.locator('[name="theme"][value="energy"]').is_checked()
    day.page.locator("#q").fill("Wasserstoff")
    day.page.locator('[value="daily"]').check()
    day.page.locator("#hour").select_option("18")
    day.page.locator("#zone").fill("Europe/Paris")
    day.press("save")
    assert day.page.url == yours
    assert "18" in day.page.locator("main section").first.inner_text()
    return yours


@pytest.mark.parametrize("language", ["de", "fr", "en"])
def test_a_readers_afternoon(begin: Opening, language: str) -> None:
    with begin(language) as day:
        subscribe(day)
        mail = read_why(day)
        yours = narrow(day)
        day.press("pause")
        assert day.page.locator('button[value="resume"]').count() == 1
        copy = json.loads(day.page.context.request.get(f"{yours}/vigie.json").text())
        (kept,) = copy["person"]["subscriptions"]
        assert (kept["query"], kept["every"]) == ("Wasserstoff theme:energy", "daily")
        assert (kept["options"]["hour"], kept["options"]["zone"]) == (18, "Europe/Paris")
        one_click = str(mail["List-Unsubscribe"]).strip("<>")
        answer = day.page.context.request.post(one_click, form={"List-Unsubscribe": "One-Click"})
        assert answer.status == 200
        day.page.goto(day.link(4, "undo"))
        day.press()
        day.page.goto(yours)
        assert day.page.locator('main a[href*="/change/"]').count() == 1
        day.follow('main a[href$="/erase"]')
        day.press()
        assert json.loads(day.vigie.command("people", "list", "--json")) == []
        assert day.page.goto(yours).status == 404  # type: ignore[union-attr]
