"""WebSub: a hub that a feed announces is asked, verifies, and pushes; a push makes the source due, no more."""

import hmac
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl

import pytest

from services.collector.websub import Hubs, is_public
from shared.config import Settings
from shared.sources.hubs import LEASE, signed
from shared.sources.tables import HubRow
from shared.web.client import WebClient
from tests.pipeline.feeds import rss
from tests.unit.collector.conftest import SETTINGS, Bench
from tests.unit.collector.test_poll import fresh
from tests.unit.portal.site import Portal, a_portal

PUBLIC = "http://127.0.0.9:8080"  # allowed in tests, so that it counts as public


class Hub:
    """A hub on the loopback: it takes subscriptions, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.status = 202
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hub.asked.append(dict(parse_qsl(body)))
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hub"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with closing(Hub()) as hub:
        yield hub


@pytest.fixture
def portal(bench: Bench, tmp_path: Path) -> Iterator[Portal]:
    """The portal beside the bench, on its store."""
    with closing(a_portal(tmp_path / "portal", public_url=PUBLIC)) as portal:
        site = replace(portal.app.state.site, store=bench.store, clock=bench.clock)
        portal.app.state.site = site
        yield portal


def announcing(bench: Bench, hub: Hub, names: tuple[str, ...] = ("eins",)) -> None:
    links = f'<atom:link rel="hub" href="{hub.url}"/><atom:link rel="self" href="{bench.site.url("/feed.xml")}"/>'
    body = rss([fresh(bench, name) for name in names]).decode()
    body = body.replace("<rss ", '<rss xmlns:atom="http://www.w3.org/2005/Atom" ').replace(
        "<channel>", f"<channel>{links}"
    )
    bench.site.serve("/feed.xml", body)


def hubs(bench: Bench, public_url: str = PUBLIC) -> Hubs:
    settings = replace(SETTINGS, public_url=public_url)
    return Hubs(bench.store, WebClient(settings, bench.clock), settings)


def row(bench: Bench) -> HubRow:
    with bench.store.reading() as session:
        found = session.get(HubRow, "haus")
        assert found is not None
        return found


def subscribed(bench: Bench, hub: Hub, portal: Portal) -> str:
    """The path of the callback, of a subscription that was asked for and verified."""
    announcing(bench, hub)
    bench.add()
    bench.poll()
    hubs(bench).step()
    callback = hub.asked[-1]["hub.callback"].removeprefix(PUBLIC)
    asked = {"hub.mode": "subscribe", "hub.topic": bench.site.url("/feed.xml"), "hub.challenge": "abc"}
    answer = portal.get(callback, params={**asked, "hub.lease_seconds": "432000"})
    assert (answer.status_code, answer.text) == (200, "abc")
    return callback


def test_a_hub_is_asked_verifies_and_a_signed_push_makes_the_source_due(
    bench: Bench, hub: Hub, portal: Portal
) -> None:
    callback = subscribed(bench, hub, portal)
    (asked,) = hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == bench.site.url("/feed.xml")
    assert asked["hub.lease_seconds"] == str(round(LEASE.total_seconds()))
    bench.clock.advance(minutes=10)
    assert (bench.row().next_due or bench.clock.now()) > bench.clock.now()
    body = b"<feed>whatever a hub says</feed>"
    wrong = "sha256=" + hmac.new(b"guessed", body, "sha256").hexdigest()
    assert portal.browser.post(callback, content=body, headers={"X-Hub-Signature": wrong}).status_code == 202
    assert (bench.row().next_due or bench.clock.now()) > bench.clock.now()
    right = "sha256=" + hmac.new(asked["hub.secret"].encode(), body, "sha256").hexdigest()
    assert portal.browser.post(callback, content=body, headers={"X-Hub-Signature": right}).status_code == 202
    assert bench.row().next_due == bench.clock.now()
    assert bench.live() == ["Titel von eins"]  # the poll is the truth: a push brings no entry


def test_a_flood_of_pushes_does_not_poll_more_often_than_the_least_interval(
    bench: Bench, hub: Hub, portal: Portal
) -> None:
    callback = subscribed(bench, hub, portal)
    right = "sha1=" + hmac.new(row(bench).secret.encode(), b"", "sha1").hexdigest()
    portal.browser.post(callback, content=b"", headers={"X-Hub-Signature": right})
    polled = bench.row().last_fetch
    assert polled is not None
    assert ((bench.row().next_due or polled) - polled).total_seconds() >= 300


def test_nobody_verifies_what_we_did_not_ask_for(bench: Bench, hub: Hub, portal: Portal) -> None:
    callback = subscribed(bench, hub, portal)
    topic = bench.site.url("/feed.xml")
    for path, mode, told in (
        ("/websub/erfunden", "subscribe", topic),
        (callback, "subscribe", "https://example.org/fremd.xml"),
        (callback, "unsubscribe", topic),
    ):
        answer = portal.get(path, params={"hub.mode": mode, "hub.topic": told, "hub.challenge": "abc"})
        assert (answer.status_code, answer.text) == (404, "")


def test_a_lease_is_renewed_before_it_ends_and_a_refusal_is_respected(
    bench: Bench, hub: Hub, portal: Portal
) -> None:
    callback = subscribed(bench, hub, portal)
    bench.clock.advance(days=3.9)
    hubs(bench).step()
    assert len(hub.asked) == 1
    bench.clock.advance(hours=6)
    hubs(bench).step()
    assert len(hub.asked) == 2
    topic = bench.site.url("/feed.xml")
    assert portal.get(callback, params={"hub.mode": "denied", "hub.topic": topic}).status_code == 200
    assert row(bench).state == "denied"
    bench.clock.advance(days=1)
    hubs(bench).step()
    assert len(hub.asked) == 2


def test_a_short_lease_is_renewed_at_half_of_it(bench: Bench, hub: Hub, portal: Portal) -> None:
    callback = subscribed(bench, hub, portal)
    topic = bench.site.url("/feed.xml")
    asked = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": "abc", "hub.lease_seconds": "3600"}
    assert portal.get(callback, params=asked).status_code == 200
    counts = []
    for _ in range(4):
        hubs(bench).step()
        counts.append(len(hub.asked))
        bench.clock.advance(minutes=16)
    assert counts == [1, 1, 2, 3]  # nobody verified: half of what is left


def test_a_hub_that_does_not_answer_is_asked_again_after_a_week(bench: Bench, hub: Hub) -> None:
    announcing(bench, hub)
    bench.add()
    bench.poll()
    hub.status = 500
    hubs(bench).step()
    hubs(bench).step()
    assert (len(hub.asked), row(bench).state) == (1, "denied")
    bench.clock.advance(days=8)
    hubs(bench).step()
    assert len(hub.asked) == 2


def test_another_hub_is_subscribed_to_anew_and_one_that_is_gone_forgotten(bench: Bench, hub: Hub) -> None:
    announcing(bench, hub)
    bench.add()
    bench.poll()
    first = row(bench).token
    with closing(Hub()) as other:
        announcing(bench, other, ("zwei", "eins"))
        bench.poll()
        assert (row(bench).hub, row(bench).state) == (other.url, "new")
        assert row(bench).token != first
    bench.site.serve("/feed.xml", rss([fresh(bench, "drei")]))
    bench.poll()
    with bench.store.reading() as session:
        assert session.get(HubRow, "haus") is None


def test_hubs_are_named_by_a_link_header_too(bench: Bench, hub: Hub) -> None:
    links = f'<{hub.url}>; rel="hub", </anders.xml>; rel="self"'
    bench.site.serve("/feed.xml", rss([fresh(bench, "eins")]), headers={"Link": links})
    bench.add()
    bench.poll()
    assert (row(bench).hub, row(bench).topic) == (hub.url, bench.site.url("/anders.xml"))


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("", False),
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("http://10.0.0.7", False),
        ("https://vigie.local", False),
        ("https://vigie.example.org", True),
    ],
)
def test_only_a_portal_that_others_can_reach_subscribes(bench: Bench, hub: Hub, url: str, public: bool) -> None:
    assert is_public(Settings(public_url=url)) is public
    announcing(bench, hub)
    bench.add()
    bench.poll()
    settings = Settings(public_url=url)
    if not public:
        Hubs(bench.store, WebClient(SETTINGS, bench.clock), settings).step()
        assert hub.asked == []


@pytest.mark.parametrize("signature", ["", "sha256=", "md5=00", "sha256=zz", "0" * 64])
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    assert not signed("geheim", b"x", signature)
