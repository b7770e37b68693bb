"""robots.txt by RFC 9309."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from services.collector.robots import MAX_BYTES, Robots
from shared.config import Settings
from shared.web.client import WebClient
from tests.fakes import FakeClock
from tests.servers import FeedServer


class Gate:
    """A site, and what its robots.txt says of an address."""

    def __init__(self, site: FeedServer) -> None:
        self.site, self.clock = site, FakeClock()
        web = WebClient(Settings(allowed_networks=(ip_network("127.0.0.0/8"),)), self.clock)
        self.robots = Robots(web, self.clock)

    def says(self, rules: str | bytes = "", status: int = 200) -> None:
        self.site.serve("/robots.txt", rules, content_type="text/plain", status=status, etag=False)

    def allows(self, path: str = "/presse") -> bool:
        return self.robots.verdict(self.site.url(path)).allowed


@pytest.fixture
def gate() -> Iterator[Gate]:
    with FeedServer() as site:
        yield Gate(site)


def test_groups_of_the_same_name_are_one(gate: Gate) -> None:
    gate.says("User-agent: vigie\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: Vigie\nDisallow: /b\n")
    assert not gate.allows("/a")
    assert not gate.allows("/b")
    assert gate.allows("/c")


def test_the_longest_rule_wins_and_allow_among_equals(gate: Gate) -> None:
    gate.says(
        "User-agent: *\nDisallow: /presse\nAllow: /presse/\nDisallow: /same\nAllow: /same\nDisallow: /*.pdf$"
    )
    assert not gate.allows("/presse")
    assert gate.allows("/presse/2026")
    assert gate.allows("/same")
    assert not gate.allows("/x.pdf")
    assert gate.allows("/x.pdf?y")


@pytest.mark.parametrize(
    "between", ["Content-Signal: search=yes", "Request-rate: 1/5", "Noindex: /x", "Host: a.de"]
)
def test_what_is_no_rule_ends_no_group(gate: Gate, between: str) -> None:
    gate.says(f"User-agent: vigie\n{between}\nUser-agent: other\nDisallow: /intern\n")
    assert not gate.allows("/intern")
    assert gate.allows()


def test_a_misspelt_rule_holds(gate: Gate) -> None:
    gate.says("User-agent: *\nDissallow: /intern\nDisalow: /privat # nichts\n")
    assert [gate.allows(path) for path in ("/intern", "/privat", "/presse")] == [False, False, True]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_who_has_no_robots_txt_forbids_nothing(gate: Gate, status: int) -> None:
    gate.says(status=status)
    assert gate.allows()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_cannot_be_asked_for_forbids_everything_for_a_month(gate: Gate, status: int) -> None:
    gate.says(status=status)
    assert not gate.allows()
    assert not gate.robots.verdict(gate.site.url("/")).reachable
    gate.clock.advance(days=29)
    assert not gate.allows()
    gate.clock.advance(days=2)
    assert gate.allows()
    gate.says("User-agent: *\nDisallow: /")
    gate.clock.advance(hours=2)
    assert not gate.allows()


def test_while_it_is_away_the_last_rules_hold(gate: Gate) -> None:
    gate.says("User-agent: *\nDisallow: /intern")
    assert gate.allows()
    gate.says(status=500)
    gate.clock.advance(hours=25)
    assert gate.allows()
    assert not gate.allows("/intern")


def test_it_is_asked_again_after_a_day(gate: Gate) -> None:
    gate.says()
    assert gate.allows()
    gate.says("User-agent: *\nDisallow: /")
    gate.clock.advance(hours=23)
    assert gate.allows()
    gate.clock.advance(hours=2)
    assert not gate.allows()


def test_five_redirects_are_followed(gate: Gate) -> None:
    for number in range(5):
        gate.site.redirect("/robots.txt" if not number else f"/r{number}", f"/r{number + 1}")
    gate.site.serve("/r5", "User-agent: *\nDisallow: /presse", content_type="text/plain")
    assert not gate.allows()
    assert gate.allows("/")


def test_of_a_long_one_the_first_500_kib_count(gate: Gate) -> None:
    rules = b"User-agent: *\nDisallow: /presse\n"
    gate.says(rules + b"#" * MAX_BYTES + b"\nDisallow: /spaet\n")
    assert not gate.allows()
    assert gate.allows("/spaet")
