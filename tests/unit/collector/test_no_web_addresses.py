"""Addresses that are none, as people type them and publishers write them: a sentence, and never a traceback."""

from pathlib import Path

import pytest

from services.cli import main
from services.collector.robots import Robots
from shared.errors import FetchFailed, Trouble
from shared.web.client import WebClient
from tests.fakes import FakeClock
from tests.servers import FeedServer
from tests.unit.collector.conftest import SETTINGS

NONE = (
    "http://[",
    "http://[::1/",
    "http://[::::]/x",
    "http://[1.2.3.4]/",
    "http://xn--/",
    "http://\u2100.example/",
)


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_address_is_refused_by_who_fetches_and_by_nobody_before(url: str) -> None:
    clock = FakeClock()
    web = WebClient(SETTINGS, clock)
    robots = Robots(web, clock)
    robots.verdict(url)
    assert robots.sitemaps(url) == ()
    with pytest.raises(FetchFailed) as failed:
        web.get(url)
    assert failed.value.trouble is Trouble.REFUSED


@pytest.mark.parametrize("url", ["http://xn--/", "http://[1.2.3.4]/"])
def test_a_redirect_to_what_is_no_address_is_a_failed_fetch(url: str) -> None:
    with FeedServer() as site:
        site.redirect("/feed.xml", url, status=301)
        with pytest.raises(FetchFailed) as failed:
            WebClient(SETTINGS, FakeClock()).get(site.url("/feed.xml"))
    assert failed.value.trouble is Trouble.REFUSED


def test_a_hub_that_is_no_address_costs_no_document() -> None:
    with FeedServer() as site:
        site.serve("/feed.xml", "<rss/>", headers={"Link": "<http://[::::]/>; rel=hub"})
        assert WebClient(SETTINGS, FakeClock()).get(site.url("/feed.xml")).hub is None


@pytest.mark.parametrize(
    "command",
    [
        ["sources", "probe", "http://["],
        ["sources", "probe", "http://xn--/"],
        ["sources", "add", "--yes", "http://[1.2.3.4]/"],
        ["parse", "http://xn--/"],
    ],
)
def test_a_command_says_that_it_is_none(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command) in (1, 2, 3)
