"""The outgoing client against real servers on the loopback: what it refuses, limits and reports."""

import gzip
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest

from shared.config import Settings
from shared.errors import FetchFailed, Trouble
from shared.web.client import WebClient
from tests.servers import FeedServer

LOOPBACK = Settings(allowed_networks=(ip_network("127.0.0.0/8"),), contact="https://vigie.example.org/about")
MEGABYTE = 1_000_000


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def client() -> WebClient:
    return WebClient(LOOPBACK)


def trouble_of(client: WebClient, url: str, **options: float) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        client.get(url, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_document_comes_with_its_validators_and_an_honest_name(site: FeedServer, client: WebClient) -> None:
    url = site.serve("/feed.xml", b"<rss/>", headers={"Last-Modified": "Mon, 02 Mar 2026 09:00:00 GMT"})
    fetched = client.get(url)
    assert (fetched.status, fetched.body, fetched.url) == (200, b"<rss/>", url)
    assert fetched.etag
    assert fetched.last_modified == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert site.requests[0].headers["User-Agent"].startswith("Vigie/")
    assert "(+https://vigie.example.org/about)" in site.requests[0].headers["User-Agent"]


def test_what_is_known_costs_a_304(site: FeedServer, client: WebClient) -> None:
    url = site.serve("/feed.xml", b"<rss/>")
    again = client.get(url, etag=client.get(url).etag)
    assert again.not_modified
    assert again.body == b""


def test_the_environment_s_proxies_are_ignored(
    site: FeedServer, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client.get(site.serve("/feed.xml", b"x")).body == b"x"


def test_without_permission_no_private_address_is_reached(site: FeedServer) -> None:
    error = trouble_of(WebClient(Settings()), site.serve("/feed.xml", b"x"))
    assert error.trouble is Trouble.REFUSED
    assert "127.0.0.1" in str(error)
    assert site.requests == []


@pytest.mark.parametrize("name", ["localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_no_spelling_of_the_loopback_is_reached(site: FeedServer, name: str) -> None:
    port = site.url().rpartition(":")[2]
    error = trouble_of(WebClient(Settings()), f"http://{name}:{port}")
    assert error.trouble in (Trouble.REFUSED, Trouble.DNS)
    assert site.requests == []


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://10.0.0.1/",
    ],
)
def test_a_redirect_into_our_own_network_is_refused(site: FeedServer, client: WebClient, target: str) -> None:
    error = trouble_of(client, site.redirect("/feed.xml", target))
    assert error.trouble is Trouble.REFUSED
    assert "no public address" in str(error)
    assert site.url("/feed.xml") in str(error)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1/", "http://[::1"]
)
def test_a_redirect_to_another_scheme_is_refused(site: FeedServer, client: WebClient, target: str) -> None:
    error = trouble_of(client, site.redirect("/feed.xml", target))
    assert error.trouble is Trouble.REFUSED
    assert "refused" in str(error) or "no web address" in str(error)


def test_redirects_in_a_circle_end_with_a_sentence(site: FeedServer, client: WebClient) -> None:
    site.redirect("/a", "/b")
    error = trouble_of(client, site.redirect("/b", "/a"))
    assert error.trouble is Trouble.REFUSED
    assert "circle" in str(error)
    assert len(site.requests) == 2


def test_a_site_that_wants_a_cookie_first_gets_it_for_this_fetch_alone(
    site: FeedServer, client: WebClient
) -> None:
    site.serve_after_cookie("/feed.xml", b"<rss/>")
    assert client.get(site.url("/feed.xml")).body == b"<rss/>"
    assert client.get(site.url("/feed.xml")).body == b"<rss/>"
    assert [bool(seen.headers.get("Cookie")) for seen in site.requests] == [False, True, False, True]


def test_redirects_without_end_end(site: FeedServer, client: WebClient) -> None:
    for hop in range(50):
        site.redirect(f"/{hop}", f"/{hop + 1}")
    assert trouble_of(client, site.url("/0")).trouble is Trouble.REFUSED
    assert len(site.requests) < 10


def test_a_permanent_redirect_is_followed_and_reported(site: FeedServer, client: WebClient) -> None:
    site.redirect("/old", "/new", 301)
    site.redirect("/new", "/newest", 308)
    final = site.serve("/newest", b"x")
    assert client.get(site.url("/old")).moved_to == final


def test_a_temporary_redirect_is_followed_and_not_reported(site: FeedServer, client: WebClient) -> None:
    site.redirect("/old", "/new", 302)
    site.redirect("/new", "/newest", 301)
    site.serve("/newest", b"x")
    fetched = client.get(site.url("/old"))
    assert fetched.body == b"x"
    assert fetched.moved_to is None


def test_a_server_that_answers_a_byte_a_moment_is_cut(site: FeedServer, client: WebClient) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x"
            time.sleep(0.2)

    began = time.monotonic()
    error = trouble_of(client, site.serve("/slow", etag=False, stream=drip), deadline=0.4)
    assert error.trouble is Trouble.TIMEOUT
    assert time.monotonic() - began < 10


def test_headers_that_never_end_are_cut(client: WebClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
                        connection.sendall(bytes([byte]))
                        time.sleep(0.02)
                except OSError:  # the client hung up, as it should
                    return

        Thread(target=drip, daemon=True).start()
        error = trouble_of(client, f"http://127.0.0.1:{server.getsockname()[1]}/", deadline=0.4)
    assert error.trouble is Trouble.TIMEOUT


def test_a_body_of_60_mb_is_cut(site: FeedServer, client: WebClient) -> None:
    sent = 0

    def much() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(60):
            sent += MEGABYTE
            yield b" " * MEGABYTE

    error = trouble_of(client, site.serve("/large", etag=False, stream=much))
    assert error.trouble is Trouble.TOO_LARGE
    assert "10 MB" in str(error)
    assert sent < 40 * MEGABYTE


def test_an_announced_length_over_the_limit_is_not_even_read(site: FeedServer, client: WebClient) -> None:
    error = trouble_of(client, site.serve("/large", b" " * (10 * MEGABYTE + 1)))
    assert error.trouble is Trouble.TOO_LARGE


def test_a_gzip_bomb_is_cut_at_the_limit(site: FeedServer, client: WebClient) -> None:
    bomb = gzip.compress(b" " * (100 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    error = trouble_of(client, site.serve("/bomb", bomb, headers={"Content-Encoding": "gzip"}))
    assert error.trouble is Trouble.TOO_LARGE


def test_a_compressed_document_is_unpacked(site: FeedServer, client: WebClient) -> None:
    url = site.serve("/feed.xml", gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"})
    assert client.get(url).body == b"<rss/>"


@pytest.mark.parametrize("body", [b"not gzip at all", gzip.compress(b"x" * 1000)[:-12]], ids=["plain", "short"])
def test_a_broken_compression_is_an_error(site: FeedServer, client: WebClient, body: bytes) -> None:
    error = trouble_of(client, site.serve("/feed.xml", body, headers={"Content-Encoding": "gzip"}))
    assert error.trouble is Trouble.CONNECT


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (403, Trouble.BLOCKED),
        (401, Trouble.BLOCKED),
        (404, Trouble.HTTP_4XX),
        (410, Trouble.GONE),
        (429, Trouble.BUSY),
        (500, Trouble.HTTP_5XX),
        (503, Trouble.BUSY),
    ],
)
def test_a_status_has_its_class(site: FeedServer, client: WebClient, status: int, trouble: Trouble) -> None:
    error = trouble_of(client, site.serve("/feed.xml", status=status, headers={"Retry-After": "120"}))
    assert (error.trouble, error.status, error.retry_after) == (trouble, status, 120.0)


def test_an_address_that_nobody_answers_is_a_connect_error(client: WebClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert trouble_of(client, f"http://127.0.0.1:{port}/").trouble is Trouble.CONNECT


def test_a_name_that_does_not_exist_is_a_dns_error(client: WebClient) -> None:
    assert trouble_of(client, "http://no-such-host.invalid/").trouble is Trouble.DNS


def test_a_certificate_that_nobody_signed_is_a_tls_error(client: WebClient, tmp_path: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    try:
        files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
        subprocess.run([*made, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with FeedServer() as site:
        site.wrap(context)
        error = trouble_of(client, site.serve("/feed.xml", b"x").replace("http:", "https:"))
    assert error.trouble is Trouble.TLS


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "http://", "http://[::1", "http://a b/", "javascript:alert(1)", "\x00"]
)
def test_what_is_no_address_is_refused(client: WebClient, url: str) -> None:
    assert trouble_of(client, url).trouble in (Trouble.REFUSED, Trouble.DNS)


def test_something_that_does_not_speak_http_is_an_error(client: WebClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

        Thread(target=babble, daemon=True).start()
        error = trouble_of(client, f"http://127.0.0.1:{server.getsockname()[1]}/", deadline=5)
    assert error.trouble is Trouble.CONNECT
