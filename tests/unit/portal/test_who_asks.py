"""Who asks: clients behind proxies, headers that cannot be read, passwords that are wrong."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.forwarding import Asked, asked_by
from services.portal.guard import Access, access, is_cross_site, malformed
from services.portal.throttle import PER_CLIENT, WRONG_PASSWORDS
from shared.config import Settings, load_settings
from shared.errors import ConfigError
from tests.unit.portal.site import SAME_ORIGIN, Portal, TestClient, a_portal

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
READER, FIRST, SECOND = "198.51.100.7", "10.0.0.1", "10.0.0.2"
WISH = {"q": "Netz", "action": "subscribe", "every": "daily", "language": "de"}


def seen(client: str, scheme: str = "http", **headers: str | list[str]) -> Asked:
    given = {n.replace("_", "-"): [v] if isinstance(v, str) else v for n, v in headers.items()}
    return asked_by(Asked(client, scheme), given, TRUSTED)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Asked(FIRST, "http")),
        ({"x_forwarded_for": READER, "x_forwarded_proto": "https"}, Asked(READER, "https")),
        ({"x_forwarded_proto": "https"}, Asked(FIRST, "https")),
        ({"x_forwarded_for": f"1.2.3.4, {READER}"}, Asked(READER, "http")),  # the client wrote the first itself
        ({"x_forwarded_for": f"1.2.3.4, {READER}, {SECOND}"}, Asked(READER, "http")),
        ({"x_forwarded_for": ["1.2.3.4", READER, SECOND]}, Asked(READER, "http")),
        ({"x_forwarded_for": f"{READER}, {SECOND}", "x_forwarded_proto": "https, http"}, Asked(READER, "https")),
        ({"x_forwarded_for": f"{READER}, {SECOND}", "x_forwarded_proto": "https"}, Asked(READER, "https")),
        ({"x_forwarded_for": f"9.9.9.9, {READER}", "x_forwarded_proto": "https, http"}, Asked(READER, "http")),
        ({"x_forwarded_for": SECOND}, Asked(SECOND, "http")),  # a proxy asks for itself
        ({"x_forwarded_for": "2001:db8::7"}, Asked("2001:db8::7", "http")),
        ({"x_forwarded_for": "[2001:db8::7]:4711"}, Asked("2001:db8::7", "http")),
        ({"x_forwarded_for": f"{READER}:4711"}, Asked(READER, "http")),
        ({"x_forwarded_for": "::ffff:198.51.100.7"}, Asked(READER, "http")),
        ({"x_forwarded_for": f"{READER}, unknown"}, Asked(FIRST, "http")),
        ({"x_forwarded_for": ""}, Asked(FIRST, "http")),
        ({"x_forwarded_proto": "javascript"}, Asked(FIRST, "http")),
        ({"forwarded": f"for={READER};proto=https;by=10.0.0.1"}, Asked(READER, "https")),
        (
            {"forwarded": f'for=1.2.3.4, for="[2001:db8::7]:4711";proto=https, for={SECOND}'},
            Asked("2001:db8::7", "https"),
        ),
        ({"forwarded": "for=_hidden;proto=https"}, Asked(FIRST, "https")),
        ({"forwarded": f"for={READER}", "x_forwarded_for": READER}, Asked(READER, "http")),
        ({"forwarded": "for=1.2.3.4", "x_forwarded_for": READER}, Asked(FIRST, "http")),
    ],
)
def test_the_first_from_the_right_that_is_not_trusted_is_the_client(headers: Any, expected: Asked) -> None:
    assert seen(FIRST, **headers) == expected


def test_nobody_else_is_believed() -> None:
    assert seen("203.0.113.9", x_forwarded_for=READER, x_forwarded_proto="https") == Asked("203.0.113.9", "http")
    assert seen("203.0.113.9", forwarded=f"for={READER};proto=https") == Asked("203.0.113.9", "http")


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_it(addresses: str, schemes: str, forwarded: str) -> None:
    asked = seen(FIRST, x_forwarded_for=addresses, x_forwarded_proto=schemes, forwarded=forwarded)
    assert asked.scheme in ("http", "https")


def test_the_setting_names_networks_and_trusts_this_machine_by_itself() -> None:
    assert Settings().redacted()["trusted_proxies"] == "127.0.0.0/8,::1/128"
    set_to = load_settings({"VIGIE_TRUSTED_PROXIES": "10.0.0.0/8 fd00::/8"}, Path("/nowhere"))
    assert set_to.trusted_proxies == TRUSTED
    assert load_settings({"VIGIE_TRUSTED_PROXIES": ""}, Path("/nowhere")).trusted_proxies == ()
    with pytest.raises(ConfigError, match="VIGIE_TRUSTED_PROXIES"):
        load_settings({"VIGIE_TRUSTED_PROXIES": "*"}, Path("/nowhere"))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Portal]:
    portal = a_portal(tmp_path, trusted_proxies=TRUSTED, admin_password="geheim", http="0.0.0.0:8080")
    yield portal
    portal.bus.close()
    portal.store.close()


def browser(portal: Portal, client: str) -> TestClient:
    return TestClient(
        portal.app, base_url="http://vigie.example.org", client=(client, 4711), raise_server_exceptions=False
    )


def wishes(client: TestClient, reader: str, count: int) -> list[int]:
    sent = [
        client.post(
            "/de/subscribe",
            data=WISH | {"address": f"l{n}.{reader}@example.org"},
            headers=SAME_ORIGIN | {"X-Forwarded-For": reader},
        )
        for n in range(count)
    ]
    return [answer.status_code for answer in sent]


def test_readers_behind_a_trusted_proxy_are_counted_one_by_one(opened: Portal) -> None:
    most = PER_CLIENT[0][0]
    proxy = browser(opened, FIRST)
    assert wishes(proxy, "198.51.100.1", most + 1) == [200] * most + [429]
    assert wishes(proxy, "198.51.100.2", 1) == [200]
    stranger = browser(opened, "203.0.113.9")
    assert wishes(stranger, "198.51.100.3", most) == [200] * most
    assert wishes(stranger, "198.51.100.4", 1) == [429], "who is not trusted stays who it is, whatever it writes"


def test_absolute_links_have_the_scheme_that_the_proxy_names(opened: Portal) -> None:
    for client, scheme in ((FIRST, "https"), ("203.0.113.9", "http")):
        feed = browser(opened, client).get("/de/search.atom", headers={"X-Forwarded-Proto": "https"}).text
        assert f'rel="self" href="{scheme}://vigie.example.org/de/search.atom"' in feed


LOCAL = {"host": "127.0.0.1:8080"}


@pytest.mark.parametrize(
    ("client", "headers", "granted"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("192.0.2.1", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"host": "rebound.example.org"}, False),
    ],
)
def test_only_this_machine_itself_needs_no_password(client: str, headers: dict[str, str], granted: bool) -> None:
    answer = access(LOCAL | headers, client, "127.0.0.1", "", "geheim")
    assert answer is (Access.GRANTED if granted else Access.PASSWORD)


def basic(password: str, user: str = "admin") -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def test_wrong_passwords_are_throttled_and_logged_without_the_password(
    opened: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    most = WRONG_PASSWORDS[0][0]
    client, other = browser(opened, READER), browser(opened, "198.51.100.9")

    def tried(password: str, by: TestClient = client) -> int:
        return int(by.get("/de/operations", headers={"Authorization": basic(password)}).status_code)

    assert [tried(f"falsch{n}") for n in range(most + 3)] == [401] * most + [429] * 3
    assert tried("geheim") == 429, "who guesses does not learn that one was right"
    assert client.get("/metrics", headers={"Authorization": basic("geheim")}).status_code == 429
    assert client.get("/de/operations").status_code == 401, "who only asks for the page is asked for the password"
    assert tried("geheim", other) == 200
    opened.clock.advance(minutes=2)
    assert tried("geheim") == 200
    said = [record for record in caplog.records if record.getMessage() == "wrong admin password"]
    assert [getattr(record, "client", None) for record in said] == [READER] * most
    assert "falsch" not in caplog.text + json.dumps([vars(record) for record in caplog.records], default=str)


def test_a_busy_answer_says_when_to_come_back(opened: Portal) -> None:
    client = browser(opened, READER)
    for _ in range(WRONG_PASSWORDS[0][0]):
        client.get("/de/operations", headers={"Authorization": basic("falsch")})
    answer = client.get("/de/operations", headers={"Authorization": basic("falsch")})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "["),
        ("host", "a b"),
        ("host", "a/b"),
        ("host", "user@host"),
        ("host", "host:port"),
        ("host", "[::1"),
        ("host", "höst"),
        ("host", "[1.2.3.4]"),
        ("host", "[::::]:8080"),
        ("host", "vigie.example.org:65536"),
        ("origin", "https://[:]"),
        ("origin", "https://a.example:99999"),
        ("origin", "http://["),
        ("origin", "nonsense"),
        ("origin", "https://a.example https://b.example"),
        ("origin", "https://a.example/path"),
        ("authorization", "Basic"),
        ("authorization", "Basic é"),
        ("authorization", "Basic !!!!"),
        ("authorization", "Basic " + b64encode(b"\xff\xfe:\xff").decode()),
        ("authorization", "Basic " + b64encode(b"no colon").decode()),
        ("authorization", "\x00"),
        ("authorization", "Bas\xfcc YQ=="),
    ],
)
def test_a_header_that_cannot_be_read_is_a_bad_request(opened: Portal, name: str, value: str) -> None:
    client, headers = browser(opened, READER), {name.encode(): value.encode("utf-8")}
    answers = [client.get(path, headers=headers) for path in ("/de/", "/de/operations", "/metrics", "/healthz")]
    answers.append(client.post("/de/subscribe", data={"a": "b"}, headers=headers))
    assert [answer.status_code for answer in answers] == [400] * 5
    assert all(name in answer.text.lower() for answer in answers)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": ""},
        {"host": "vigie.example.org"},
        {"host": "vigie_1.example.org:8080"},
        {"host": "[2001:db8::1]:8080"},
        {"origin": "null"},
        {"origin": "https://vigie.example.org:8443"},
        {"origin": "moz-extension://3c1b"},
        {"authorization": "Bearer abc.def"},
        {"authorization": 'Digest username="a", realm="b"'},
        {"authorization": basic("p:w é")},
        {"authorization": basic("", "")},
    ],
)
def test_what_programs_write_is_taken(headers: dict[str, str]) -> None:
    assert malformed(headers) is None


NEARLY_HOSTS = st.text("[]:.0123afg-", max_size=9)


@given(
    st.sampled_from(["host", "origin", "authorization"]),
    st.binary(max_size=40).map(lambda value: value.decode("latin-1"))
    | NEARLY_HOSTS
    | NEARLY_HOSTS.map("http://{}".format),
)
def test_no_header_makes_the_guard_fail(name: str, value: str) -> None:
    headers = LOCAL | {name: value}
    if malformed(headers) is None:
        access(headers, "127.0.0.1", "127.0.0.1", "", "geheim")
        is_cross_site(headers, "")


@pytest.mark.parametrize(
    "path", ["/de/items/a%00b", "/de/stories/%00", "/api/v1/items/%00", "/static/%00", "/%00"]
)
def test_an_address_with_a_zero_byte_is_a_bad_request(opened: Portal, path: str) -> None:
    assert browser(opened, READER).get(path).status_code == 400


def test_a_zero_byte_in_a_wish_is_a_blank(opened: Portal) -> None:
    """PostgreSQL takes none; on SQLite it would stand in the confirmation mail."""
    form = WISH | {"q": "Netz\0Strom", "address": "leser@example.org"}
    assert browser(opened, READER).post("/de/subscribe", data=form, headers=SAME_ORIGIN).status_code == 200
    assert [row.query for row in opened.subscriptions()] == ["Netz Strom"]
