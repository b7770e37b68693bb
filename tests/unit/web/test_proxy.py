"""The way out through a proxy, and authorities of one's own: real sockets, real TLS.

`.example` is a name that no resolver knows (RFC 2606), as every public name is where only the proxy resolves.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli import main
from shared.config import Settings
from shared.errors import ConfigError, FetchFailed, Trouble
from shared.web.addresses import Way, way
from shared.web.client import WebClient
from shared.web.hub import guarded_client
from tests.certificates import an_authority
from tests.proxies import ForwardProxy
from tests.servers import FeedServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME, LOGIN = "leuchtturm.example", "vigie:ge%2Fheim"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def proxy(site: FeedServer) -> Iterator[ForwardProxy]:
    with ForwardProxy({NAME: port_of(site)}) as running:
        yield running


def port_of(site: FeedServer) -> int:
    return int(site.url().rsplit(":", 1)[1].strip("/"))


def client(proxy: ForwardProxy | str, **settings: Any) -> WebClient:
    url = proxy if isinstance(proxy, str) else proxy.url()
    return WebClient(Settings(proxy_url=url, **settings), spacing=0.0)


def refusal(web: WebClient, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        web.get(url)
    return caught.value


def test_a_feed_comes_through_the_proxy_under_its_own_name(site: FeedServer, proxy: ForwardProxy) -> None:
    site.serve("/feed.xml", b"<rss/>")
    fetched = client(proxy).get(f"http://{NAME}/feed.xml?a=1")
    assert (fetched.body, fetched.url) == (b"<rss/>", f"http://{NAME}/feed.xml?a=1")
    assert proxy.requests == [f"GET http://{NAME}/feed.xml?a=1"]
    assert site.requests[0].headers["Host"] == NAME
    assert "Proxy-Authorization" not in site.requests[0].headers


def test_what_a_redirect_names_is_judged_again(site: FeedServer, proxy: ForwardProxy) -> None:
    site.serve("/new", b"x")
    site.redirect("/old", "/new", 301)
    assert client(proxy).get(f"http://{NAME}/old").moved_to == f"http://{NAME}/new"
    asked = len(proxy.requests)
    for target in ("http://169.254.169.254/latest/meta-data/", "http://intranet/", "http://db.internal:5432/"):
        site.redirect("/in", target)
        assert refusal(client(proxy), f"http://{NAME}/in").trouble is Trouble.REFUSED
        asked += 1
    assert len(proxy.requests) == asked, "the proxy never heard of the targets"


def test_tls_goes_through_a_tunnel_to_the_one_whose_certificate_holds(tmp_path: Path) -> None:
    house = an_authority(tmp_path)
    with FeedServer() as site:
        site.serve("/feed.xml", b"<rss/>")
        site.wrap(house.server(NAME))
        with ForwardProxy({NAME: port_of(site), "andere.example": port_of(site)}) as proxy:
            trusting = client(proxy, ca_file=house.file)
            assert trusting.get(f"https://{NAME}/feed.xml").body == b"<rss/>"
            assert refusal(trusting, "https://andere.example/feed.xml").trouble is Trouble.TLS
            assert refusal(client(proxy), f"https://{NAME}/feed.xml").trouble is Trouble.TLS
            assert set(proxy.requests) == {f"CONNECT {NAME}:443", "CONNECT andere.example:443"}


def test_an_authority_of_the_house_is_believed_without_a_proxy_too(tmp_path: Path) -> None:
    house = an_authority(tmp_path)
    with FeedServer() as site:
        url = site.serve("/feed.xml", b"<rss/>").replace("http:", "https:")
        site.wrap(house.server("IP:127.0.0.1"))
        assert WebClient(Settings(allowed_networks=LOOPBACK, ca_file=house.file)).get(url).body == b"<rss/>"
        refused = refusal(WebClient(Settings(allowed_networks=LOOPBACK)), url)
        assert refused.trouble is Trouble.TLS
        assert str(refused).startswith(f"{url}: no secure connection: unable to get local issuer certificate")


def test_a_proxy_may_speak_tls_itself(tmp_path: Path) -> None:
    house = an_authority(tmp_path)
    with FeedServer() as plain, FeedServer() as secure:
        plain.serve("/feed.xml", b"<rss/>")
        secure.serve("/feed.xml", b"<rss/>" * 20_000)
        secure.wrap(house.server("sicher.example"))
        with ForwardProxy({NAME: port_of(plain), "sicher.example": port_of(secure)}) as proxy:
            proxy.wrap(house.server("IP:127.0.0.1"))
            url = proxy.url().replace("http:", "https:")
            assert client(url, ca_file=house.file).get(f"http://{NAME}/feed.xml").body == b"<rss/>"
            assert len(client(url, ca_file=house.file).get("https://sicher.example/feed.xml").body) == 120_000
            assert refusal(client(url), f"http://{NAME}/feed.xml").trouble is Trouble.TLS


def test_a_proxy_that_asks_for_a_password_gets_it_and_nobody_else_sees_it(site: FeedServer) -> None:
    site.serve("/feed.xml", b"<rss/>")
    with ForwardProxy({NAME: port_of(site)}, login="vigie:ge/heim") as proxy:
        assert client(proxy.url(LOGIN)).get(f"http://{NAME}/feed.xml").body == b"<rss/>"
        for url in (f"http://{NAME}/feed.xml", f"https://{NAME}/feed.xml"):
            for login in ("", "vigie:falsch"):
                error = refusal(client(proxy.url(login)), url)
                assert error.trouble is Trouble.CONNECT, "the publisher turned nobody away"
                assert "407" in str(error)
                assert "VIGIE_PROXY_URL" in str(error)
                assert "falsch" not in str(error)


def test_a_proxy_that_is_not_there_is_named() -> None:
    error = refusal(client("http://vigie:geheim@127.0.0.1:1"), f"http://{NAME}/")
    assert error.trouble is Trouble.CONNECT
    assert "the proxy 127.0.0.1 port 1 (VIGIE_PROXY_URL)" in str(error)
    assert "geheim" not in str(error)


def test_a_name_that_the_proxy_does_not_know_either_is_an_error_of_the_way(proxy: ForwardProxy) -> None:
    error = refusal(client(proxy), "https://unbekannt.example/")
    assert (error.trouble, "502" in str(error)) == (Trouble.CONNECT, True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "10.0.0.1",
        "[64:ff9b::a00:1]",
        "localhost",
        "intranet",
        "a.local",
    ],
)
def test_private_places_are_refused_before_the_proxy_is_asked(proxy: ForwardProxy, host: str) -> None:
    for scheme in ("http", "https"):
        assert refusal(client(proxy), f"{scheme}://{host}/").trouble is Trouble.REFUSED
    assert proxy.requests == []


def test_what_the_operator_allows_is_reached_directly(site: FeedServer, proxy: ForwardProxy) -> None:
    url = site.serve("/feed.xml", b"<rss/>")
    assert client(proxy, allowed_networks=LOOPBACK).get(url).body == b"<rss/>"
    assert proxy.requests == []


PUBLIC, OTHER, PRIVATE = ip_address("9.9.9.9"), ip_address("2620:fe::9"), ip_address("10.0.0.1")


@pytest.mark.parametrize(
    ("host", "addresses", "chosen"),
    [
        ("example.org", [PUBLIC, OTHER], Way.PROXY),
        ("example.org", [], Way.PROXY),
        ("example.org", [PUBLIC, PRIVATE], Way.REFUSED),  # the proxy might take the other one
        ("127.0.0.1", [ip_address("127.0.0.1")], Way.DIRECT),
        ("example.org", [PUBLIC, ip_address("127.0.0.1")], Way.PROXY),
        ("intranet", [], Way.REFUSED),
        ("metadata.google.internal.", [], Way.REFUSED),
        ("printer.home.arpa", [], Way.REFUSED),
        ("0x7f.0.0.0x1", [], Way.REFUSED),
        ("1.2.3.4.5", [], Way.REFUSED),
        ("::1", [], Way.REFUSED),
    ],
)
def test_our_own_resolver_decides_and_where_it_knows_nothing_the_name_does(
    host: str, addresses: list[Any], chosen: Way
) -> None:
    assert way(host, addresses, LOOPBACK) is chosen


def test_the_hub_is_reached_the_same_way(site: FeedServer) -> None:
    site.serve("/api/models", b"{}")
    with ForwardProxy({NAME: port_of(site)}, login="vigie:ge/heim") as proxy:
        with guarded_client(Settings(proxy_url=proxy.url(LOGIN))) as hub:
            assert hub.get(f"http://{NAME}/api/models").content == b"{}"
            with pytest.raises(httpx2.ConnectError, match="not public"):
                hub.get("http://10.0.0.1/")
            with pytest.raises(httpx2.ConnectError, match="502"):
                hub.get("https://unbekannt.example/")
        with (
            guarded_client(Settings(proxy_url=proxy.url())) as hub,
            pytest.raises(httpx2.ConnectError, match="407"),
        ):
            hub.get(f"http://{NAME}/api/models")


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_that_is_none_is_named_by_config_check(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("VIGIE_CA_FILE", str(file))
    assert main(["config", "check"]) == 2
    assert str(file) in capsys.readouterr().err
    with pytest.raises(ConfigError, match="VIGIE_CA_FILE"):
        WebClient(Settings(ca_file=file))


def test_the_proxys_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_PROXY_URL", "http://vigie:geheim@proxy.example.org:3128")
    assert main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "proxy_url = http://***@proxy.example.org:3128" in shown
    assert "geheim" not in shown


def test_the_doctor_asks_the_proxy(
    proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VIGIE_MODEL", "lexicon")
    for url, said in ((proxy.url(LOGIN), "answers"), ("http://vigie:ge%2Fheim@127.0.0.1:1", "VIGIE_PROXY_URL")):
        monkeypatch.setenv("VIGIE_PROXY_URL", url)
        main(["doctor"])
        line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[1] == "proxy")
        assert said in line
        assert "heim" not in line
