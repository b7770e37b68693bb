"""What a browser asks for leaves as our own requests do: through the operator's proxy, behind the guard."""

from collections.abc import Iterator

import httpx
import pytest

from shared.config import Settings
from shared.web.local_proxy import local_proxy
from tests.proxies import ForwardProxy
from tests.servers import FeedServer

NAME, LOGIN = "leuchtturm.example", "vigie:ge%2Fheim"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.serve("/app.js", b"script")
        yield server


def settings(proxy: ForwardProxy, login: str = "") -> Settings:
    return Settings(proxy_url=proxy.url(login))


def test_a_page_is_asked_for_through_the_proxy_with_its_password(site: FeedServer) -> None:
    with (
        ForwardProxy({NAME: int(httpx.URL(site.url()).port or 80)}, login="vigie:ge/heim") as proxy,
        local_proxy(settings(proxy, LOGIN), 20.0) as ours,
        httpx.Client(proxy=f"http://{ours.address}") as client,
    ):
        assert client.get(f"http://{NAME}/app.js").content == b"script"
        assert proxy.requests == [f"GET http://{NAME}/app.js"]


def test_a_secured_page_goes_through_a_tunnel(site: FeedServer) -> None:
    with (
        ForwardProxy({NAME: int(httpx.URL(site.url()).port or 80)}, login="vigie:ge/heim") as proxy,
        local_proxy(settings(proxy, LOGIN), 20.0) as ours,
        httpx.Client(proxy=f"http://{ours.address}") as client,
        pytest.raises(httpx.ConnectError),  # the site speaks no TLS: the tunnel stands, and nobody answers in it
    ):
        client.get(f"https://{NAME}/app.js")
    assert [one for one in proxy.requests if one.startswith("CONNECT")] == [f"CONNECT {NAME}:443"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret", "http://intern/secret", "http://10.0.0.1/"])
def test_the_proxy_never_hears_of_what_is_not_public(site: FeedServer, url: str) -> None:
    with (
        ForwardProxy({NAME: 9, "intern": 9, "127.0.0.1": 9}) as proxy,
        local_proxy(settings(proxy), 20.0) as ours,
        httpx.Client(proxy=f"http://{ours.address}") as client,
    ):
        assert client.get(url).status_code == 403
        assert "not public" in ours.refused[0]
    assert proxy.requests == []


def test_a_proxy_that_refuses_is_told(site: FeedServer) -> None:
    with (
        ForwardProxy({NAME: 9}, login="vigie:other") as proxy,
        local_proxy(settings(proxy, LOGIN), 20.0) as ours,
        httpx.Client(proxy=f"http://{ours.address}") as client,
    ):
        with pytest.raises(httpx.HTTPError):
            client.get(f"https://{NAME}/")
        assert "407" in ours.refused[0]
