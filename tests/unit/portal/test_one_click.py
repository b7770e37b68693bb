"""One click as mail providers send it, pages behind old links, and forms that are not ours."""

import socket
from collections.abc import Iterator

import pytest

from services.portal.server import Portal as Server
from shared.subscriptions.links import Purpose
from tests.unit.portal.site import Portal


def link(portal: Portal, language: str = "de") -> str:
    return f"/{language}/leave/{portal.token(Purpose.LEAVE, portal.subscribed())}"


def ended(portal: Portal) -> bool:
    return all(row.ended_at is not None for row in portal.subscriptions())


@pytest.fixture
def served(portal: Portal) -> Iterator[tuple[Portal, int]]:
    """The portal on a port, for requests that no client library would write."""
    server = Server(portal.app, "127.0.0.1", 0)
    server.start()
    yield portal, server.address[1]
    server.stop(5)


def spoken(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read()
    return answer.decode()


CHUNKED = "Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"


@pytest.mark.parametrize(
    "rest",
    [
        "\r\n",
        "Content-Length: 0\r\n\r\n",
        f"{CHUNKED}1a\r\nList-Unsubscribe=One-Click\r\n0\r\n\r\n",
        f"{CHUNKED}5\r\nList-\r\n15\r\nUnsubscribe=One-Click\r\n0\r\n\r\n",
        f"{CHUNKED}0\r\n\r\n",
        "Content-Type: multipart/form-data\r\nContent-Length: 4\r\n\r\njunk",
        'Content-Type: multipart/form-data; boundary="b"\r\nContent-Length: 4\r\n\r\njunk',
        "Content-Type: text/plain\r\nContent-Length: 26\r\n\r\nList-Unsubscribe=One-Click",
        "Content-Length: 26\r\n\r\nList-Unsubscribe=One-Click",
    ],
    ids=[
        "no length",
        "no body",
        "chunked",
        "two chunks",
        "no chunk",
        "no boundary",
        "no part",
        "plain",
        "no type",
    ],
)
@pytest.mark.parametrize("origin", ["", "Origin: https://mail.example.org\r\nSec-Fetch-Site: cross-site\r\n"])
def test_one_click_works_in_every_shape_that_http_allows(
    served: tuple[Portal, int], rest: str, origin: str
) -> None:
    portal, port = served
    head = f"POST {link(portal)} HTTP/1.1\r\nHost: vigie\r\nConnection: close\r\n{origin}"
    assert spoken(port, head + rest).startswith("HTTP/1.1 200 ")
    assert ended(portal)


def test_a_body_without_a_length_has_a_limit_and_a_request_that_breaks_off_ends_nothing(
    served: tuple[Portal, int],
) -> None:
    portal, port = served
    head = f"POST {link(portal)} HTTP/1.1\r\nHost: vigie\r\nConnection: close\r\n{CHUNKED}"
    assert spoken(port, head + f"{70_000:x}\r\n{'x' * 70_000}\r\n0\r\n\r\n").startswith("HTTP/1.1 413 ")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{head}5\r\nList-".encode())
    assert not ended(portal)


def test_scanners_that_look_by_get_and_head_end_nothing(portal: Portal) -> None:
    path = link(portal)
    before = portal.dump()
    for _ in range(3):
        assert portal.get(path).status_code == portal.browser.head(path).status_code == 200
    assert portal.dump() == before


@pytest.mark.parametrize("added", [".", ")", "/", "%2F", "%20", ">", ",", "?utm_source=mail", "#top"])
def test_a_link_with_what_mail_programs_add_still_opens(portal: Portal, added: str) -> None:
    assert portal.post(f"{link(portal)}{added}").status_code == 200
    assert ended(portal)


def test_a_language_switch_on_a_page_with_a_token_keeps_the_token(portal: Portal) -> None:
    path = link(portal)
    french = portal.get(path).text.split('hreflang="fr" href="')[1].split('"')[0]
    assert french == path.replace("/de/", "/fr/")
    assert portal.post(french).status_code == 200
    assert ended(portal)


def test_preferences_without_a_query_change_nothing(portal: Portal) -> None:
    path = f"/de/preferences/{portal.token(Purpose.PREFERENCES, portal.subscribed())}"
    before = portal.dump()
    for form in ({"every": "weekly", "language": "fr"}, {}, {"List-Unsubscribe": "One-Click"}):
        answer = portal.post(path, form)
        assert answer.status_code == 400
        assert "Gespeichert." not in answer.text
    assert portal.dump() == before
