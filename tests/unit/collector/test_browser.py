"""Pages that a script fills, read by a real Chromium whose requests all pass the guard of our own."""

import json
import os
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import httpx
import pytest

from services.collector.backfill.documents import Documents, Place
from services.collector.browser import browser
from services.collector.poll import Poller
from services.collector.record import Status
from services.collector.robots import Robots
from shared.config import Settings
from shared.errors import ConfigError, FetchFailed, NotAFeed
from shared.sources.catalogue import source_config
from shared.web.client import Fetched, WebClient
from shared.web.local_proxy import local_proxy
from tests.cms_sites import page, serve_page
from tests.servers import FeedServer
from tests.unit.collector.conftest import SETTINGS, Bench

CHROMIUM: Final = os.environ.get("VIGIE_TEST_CHROMIUM", "/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"no chromium at {CHROMIUM}: apt-get install chromium"
)
# Chromium itself keeps pages from local networks, but not in all versions; that is switched off here
COMMAND: Final = f"{CHROMIUM} --no-sandbox --disable-features=LocalNetworkAccessChecks,LocalNetworkAccess"
WITH_CHROMIUM: Final = replace(SETTINGS, browser=COMMAND)
NOWHERE: Final = Settings()  # no network allowed but public ones

SHELL: Final = (
    '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Presse</title></head>'
    '<body><main id="app"></main><script src="/app.js"></script></body></html>'
)
SCRIPT: Final = """
setTimeout(() => fetch("/api/news.json").then(answer => answer.json()).then(news => {
  document.getElementById("app").innerHTML = "<h1>Presse</h1><ul>" + news.map(one =>
    `<li class="teaser"><h3><a href="/presse/${one.id}">${one.title}</a></h3>
     <time datetime="${one.day}">${one.day}</time><p>Das Institut berichtet davon.</p></li>`).join("") + "</ul>";
}), 1000);
"""
NEWS: Final = json.dumps(
    [
        {"id": n, "title": f"Neues Vorhaben zu Speichern im Quartier {n}", "day": f"2026-02-{n:02}"}
        for n in range(9, 1, -1)
    ]
)


def serve(site: FeedServer, script: str = SCRIPT) -> str:
    site.serve("/app.js", script, content_type="text/javascript")
    site.serve("/api/news.json", NEWS, content_type="application/json")
    return site.serve("/presse", SHELL, content_type="text/html; charset=utf-8")


@needs_chromium
@pytest.mark.slow
def test_a_listing_that_a_script_fills_is_read_where_a_browser_is_set(bench: Bench) -> None:
    serve(bench.site)
    bench.add("haus", "/presse", kind="listing", browser=True)
    web = WebClient(WITH_CHROMIUM, bench.clock)
    chromium = browser(WITH_CHROMIUM)
    poller = Poller(bench.store, bench.bus, web, Robots(web, bench.clock), bench.clock, 300, browser=chromium)
    assert bench.poll(poller=poller) is Status.READ
    titles = [*bench.live(), *bench.bulk()]
    assert len(titles) == 8
    assert "Neues Vorhaben zu Speichern im Quartier 9" in titles


def test_without_a_browser_such_a_source_says_what_it_needs(bench: Bench) -> None:
    serve(bench.site)
    bench.add("haus", "/presse", kind="listing", browser=True)
    assert bench.poll() is Status.FAILED
    assert "VIGIE_BROWSER" in (bench.health().error or "")
    assert bench.site.asked("/presse") == []


@needs_chromium
@pytest.mark.slow
def test_what_is_allowed_the_browser_does_reach() -> None:
    """Without it, the tests below would say nothing."""
    with FeedServer() as site, Listener("127.0.0.2") as ours:
        url = serve(site, f'fetch("http://{ours.address}/").then(a => a.text()).then(t => document.write(t))')
        chromium = browser(WITH_CHROMIUM)
        assert chromium is not None
        assert b"secret of the house" in chromium.rendered(Fetched(url, 200, b"")).body
    assert ours.visits == 1


ATTEMPTS: Final = (
    'document.body.innerHTML = `<iframe src="http://INSIDE/secret"></iframe><img src="http://INSIDE/secret">`',
    'fetch("http://INSIDE/secret").catch(() => 0)',
    'new WebSocket("ws://INSIDE/secret")',
    'navigator.sendBeacon("http://INSIDE/secret")',
    'open("http://INSIDE/secret")',
    'new RTCPeerConnection({iceServers: [{urls: "stun:INSIDE"}]}).createDataChannel("x")',
    'location = "http://INSIDE/secret"',
)


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize(
    "attempts",
    [
        pytest.param(ATTEMPTS[:-1], id="from where it is"),
        pytest.param(ATTEMPTS[-1:], id="by going there"),
        *(pytest.param((each,), id=each.partition("(")[0], marks=pytest.mark.long) for each in ATTEMPTS[:-1]),
    ],
)
def test_a_page_cannot_make_the_browser_reach_our_own_network(attempts: Sequence[str]) -> None:
    """The page itself stands on the one address that is allowed; the secret on another of the same machine.

    After each attempt the page asks for something of its own: so far the script came.
    """
    script = "".join(f'try {{ {each} }} catch {{}} fetch("/made{n}");\n' for n, each in enumerate(attempts))
    with FeedServer() as site, Listener("127.0.0.2") as secret:
        serve(site, script.replace("INSIDE", secret.address))
        allowed = Settings(allowed_networks=(ip_network("127.0.0.1/32"),), browser=COMMAND)
        chromium = browser(allowed)
        assert chromium is not None
        try:
            shown = chromium.rendered(Fetched(site.url("/presse"), 200, b"")).body
        except FetchFailed:
            shown = b""
        assert b"secret of the house" not in shown
        assert site.asked("/app.js"), "the script ran"
        made = [bool(site.asked(f"/made{n}")) for n in range(len(attempts))]
        assert all(made) or attempts == ATTEMPTS[-1:], made
    assert secret.visits == 0


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    ["while (true) {}", 'for (;;) document.body.append("x".repeat(1e6))', "for (;;) open(location)"],
)
def test_a_page_that_never_ends_is_ended(script: str) -> None:
    with FeedServer() as site:
        url = serve(site, script)
        chromium = browser(WITH_CHROMIUM)
        assert chromium is not None
        began = time.monotonic()
        with pytest.raises(FetchFailed, match="the browser cannot show"):
            chromium.rendered(Fetched(url, 200, b""), seconds=6.0)
        assert time.monotonic() - began < 30.0  # of six, on a machine four times slower


def test_a_browser_that_is_not_there_is_an_error_at_the_start() -> None:
    assert browser(Settings()) is None
    with pytest.raises(ConfigError, match="no program here"):
        browser(Settings(browser="/nirgends/chromium"))


# ---- the guarded proxy by itself


def test_the_proxy_relays_to_what_is_allowed_and_to_nothing_else() -> None:
    with FeedServer() as site:
        url = site.serve("/a?b=1", "hier", content_type="text/plain")
        with local_proxy(SETTINGS, 10.0) as proxy, httpx.Client(proxy=f"http://{proxy.address}") as client:
            assert client.get(url).text == "hier"
        with local_proxy(NOWHERE, 10.0) as proxy, httpx.Client(proxy=f"http://{proxy.address}") as client:
            assert client.get(url).status_code == 403
            assert "no public address" in proxy.refused[0]
            with pytest.raises(httpx.ProxyError):
                client.get(url.replace("http://", "https://"))
        assert len(site.requests) == 1


def test_the_proxy_ends_with_its_time_and_with_too_many_bytes() -> None:
    with FeedServer() as site:
        slow = site.serve("/slow", "spät", delay=5.0)
        with local_proxy(SETTINGS, 1.0) as proxy, httpx.Client(proxy=f"http://{proxy.address}") as client:
            with suppress(httpx.RemoteProtocolError):
                assert client.get(slow).status_code == 403  # on a busy machine the time is over before it is asked
            assert "too slow" in proxy.refused[0]
        big = site.serve("/big", stream=lambda: (b"x" * 1_000_000 for _ in range(60)))
        with local_proxy(SETTINGS, 20.0) as proxy, httpx.Client(proxy=f"http://{proxy.address}") as client:
            assert len(client.get(big).content) < 31_000_000
            assert "30 MB" in proxy.refused[0]


class Listener:
    """Something of ours that nobody from outside may reach: counts who comes."""

    def __init__(self, host: str) -> None:
        self._socket = socket.create_server((host, 0))
        self.address = f"{host}:{self._socket.getsockname()[1]}"
        self.visits = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            with connection:
                connection.recv(65_536)  # or the end of the connection takes the answer along
                connection.sendall(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\nsecret of the house")

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2.0)


def test_a_look_back_reads_pages_that_a_script_fills_as_polls_do(bench: Bench, tmp_path: Path) -> None:
    """The browser is a program that prints what it would show: what a real one does, the tests above say."""
    url = serve_page(bench.site, "/presse", SHELL)
    shown, program = tmp_path / "shown.html", tmp_path / "chromium"
    shown.write_text(page("weak"), "utf-8")
    program.write_text(f"#!/bin/sh\ncat {shown}\n", "utf-8")
    program.chmod(0o755)
    web = WebClient(SETTINGS, bench.clock)
    source = source_config({"id": "haus", "kind": "listing", "url": url, "browser": True}, "test")
    with pytest.raises(NotAFeed, match="VIGIE_BROWSER"):
        Documents(web, Robots(web, bench.clock), source, None).read(Place(url), bench.clock.now())
    chromium = browser(replace(SETTINGS, browser=str(program)))
    documents = Documents(web, Robots(web, bench.clock), source, None, chromium)
    assert len(documents.read(Place(url), bench.clock.now()).feed.entries) == 8
