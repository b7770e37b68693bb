"""The portal below a path of a host that has other tenants: every link stays there, behind both kinds of proxy."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.policy import default
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from lxml import etree, html

from services.notifier.app import build as build_notifier
from services.portal.app import build
from shared.archive.store import archived_item
from shared.bus import ARCHIVED
from shared.events import encode
from shared.items import Purpose
from shared.subscriptions.links import Purpose as LinkPurpose
from tests.reverse_proxy import ReverseProxy
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import Portal, a_german_item

PREFIX: Final = "/a/vigie"
PASSWORD: Final = "geheim"
LOGIN: Final = {"Authorization": f"Basic {b64encode(f'admin:{PASSWORD}'.encode()).decode()}"}
ACCEPT: Final = {"Accept-Language": "fr"}


@pytest.fixture(params=[True, False], ids=["a proxy that strips the path", "a proxy that passes it on"])
def proxy(request: pytest.FixtureRequest) -> Iterator[ReverseProxy]:
    with ReverseProxy(PREFIX, strips=request.param) as running:
        yield running


@pytest.fixture
def portal(proxy: ReverseProxy, tmp_path: Path) -> Iterator[Portal]:
    furnish = furnished(tmp_path, http="127.0.0.1:0", public_url=proxy.url, admin_password=PASSWORD)
    portal = next(furnish)
    for number in range(21):  # so that there is a second page
        portal.archive(a_german_item(f"netz{number}", title=f"KI steuert das Netz {number}"))
    service = build(portal.settings, portal.store, portal.bus, portal.clock)
    service.start()
    proxy.target = service.address
    yield portal
    service.stop(10)
    next(furnish, None)


def ask(url: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    sent = {**ACCEPT, **LOGIN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request(method, f"{parts.path}{'?' + parts.query if parts.query else ''}", body, sent)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def ways(base: str, answer: HTTPResponse, body: bytes) -> Iterator[str]:
    """Everything that an answer of ours leads to."""
    for header in ("Location", "Content-Location"):
        if value := answer.getheader(header):
            yield urljoin(base, value)
    for target in re.findall(r"<([^>]+)>", answer.getheader("Link") or ""):
        yield urljoin(base, target)
    kind = answer.getheader("Content-Type") or ""
    if "html" in kind:
        for _, attribute, target, _ in html.fromstring(body.decode()).iterlinks():
            if attribute in ("href", "src", "action", "formaction"):
                yield urljoin(base, target)
    elif "+xml" in kind:
        feed = etree.fromstring(body)
        yield from (urljoin(base, link.get("href")) for link in feed.iter("{*}link"))
    elif "css" in kind:
        yield from (urljoin(base, target.strip("'\"")) for target in re.findall(r"url\(([^)]*)\)", body.decode()))
    elif kind == "application/json":
        yield from (urljoin(base, target) for target in re.findall(r'"next":"([^"]+)"', body.decode()))


def crawl(proxy: ReverseProxy, seeds: Iterable[str]) -> tuple[dict[str, int], set[str]]:
    """Address -> status, of what the seeds lead to on this host, one of a kind; and every address named."""
    waiting, named, asked, kinds = list(seeds), set(seeds), {}, set()
    while waiting:
        url = waiting.pop()
        kind = kind_of(url)
        if kind in kinds or not url.startswith(proxy.origin):
            continue
        kinds.add(kind)
        answer, body = ask(url)
        asked[url] = answer.status
        found = {urldefrag(way).url for way in ways(url, answer, body)} - named
        named |= found
        waiting += found
    return asked, named


def kind_of(url: str) -> tuple[str, frozenset[str]]:
    """Pages of a kind differ in the item that they show and in their filters alone."""
    parts = urlsplit(url)
    path = re.sub(r"/(items|stories)/[^/]+", r"/\1/ID", parts.path)
    return path, frozenset(pair.partition("=")[0] for pair in parts.query.split("&")) & {
        "after",
        "cursor",
        "order",
    }


def mailed(portal: Portal) -> tuple[str, ...]:
    """Every link of the mails that the notifier wrote for a wish and for an item."""
    portal.asked("theme:health")
    portal.subscribed()
    with portal.store.reading() as session:
        item = archived_item(session, "netz3")
    assert item is not None
    portal.bus.publish(ARCHIVED, [encode(item, purpose=Purpose.LIVE, stage="archivist", now=portal.clock.now())])
    notifier = build_notifier(portal.settings, portal.store, portal.bus, portal.clock)
    for _ in range(6):
        for loop in notifier.loops:
            loop.turn()
    found: set[str] = set()
    files = list(portal.settings.mail_dir.glob("*.eml"))
    assert len(files) == 2
    for file in files:
        mail: Any = message_from_bytes(file.read_bytes(), policy=default)
        text = mail.get_body(("plain",)).get_content() + str(mail["List-Unsubscribe"] or "")
        marked = mail.get_body(("html",)).get_content()
        found |= set(re.findall(r"https?://[^\s<>]+", text))
        found |= {link for *_, link, _ in html.fromstring(marked).iterlinks()}
    return tuple(found)


def test_every_link_of_every_page_feed_and_mail_stays_below_the_path_and_leads_somewhere(
    portal: Portal, proxy: ReverseProxy
) -> None:
    links = mailed(portal)
    ours = [link for link in links if link.startswith(proxy.origin)]
    assert len(ours) >= 4
    seeds = [proxy.url, f"{proxy.url}/", *(f"{proxy.url}/{lang}/" for lang in ("de", "fr", "en")), *ours]
    asked, named = crawl(
        proxy, [*seeds, f"{proxy.url}/api/v1/items?limit=10", f"{proxy.url}/en/search.atom?q=Netz"]
    )
    astray = {url for url in named if url.startswith(proxy.origin) and not f"{url}/".startswith(f"{proxy.url}/")}
    assert (astray, proxy.astray) == (set(), [])
    fine = (200, 303, 307, 308, 405)  # 405: the target of a form
    assert {url: status for url, status in asked.items() if status not in fine} == {}
    kinds = {re.sub(r"/[^/]*[0-9a-z.]{20,}.*", "/TOKEN", urlsplit(url).path.removeprefix(PREFIX)) for url in asked}
    for needed in (
        "/de/search",
        "/fr/operations",
        "/en/mails",
        "/static/vigie.css",
        "/api/openapi.json",
        "/en/search.atom",
        "/de/leave/TOKEN",
        "/de/preferences/TOKEN",
        "/de/confirm/TOKEN",
        "/de/search",
    ):
        assert needed in kinds, sorted(kinds)


def test_forms_and_redirects_stay_below_it_too(portal: Portal, proxy: ReverseProxy) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": proxy.origin}
    answer, _ = ask(f"{proxy.url}/de/items/netz3/correct", "POST", "checked=1", **form)
    assert (answer.status, answer.getheader("Location")) == (303, f"{PREFIX}/de/items/netz3")
    answer, _ = ask(proxy.url)
    assert (answer.status, answer.getheader("Location")) == (307, f"{PREFIX}/fr/")
    answer, _ = ask(f"{proxy.url}/de")
    assert answer.getheader("Location") == f"{PREFIX}/de/"
    token = portal.token(LinkPurpose.LEAVE, portal.subscribed())
    answer, _ = ask(
        f"{proxy.url}/de/leave/{token}", "POST", "List-Unsubscribe=One-Click", Content_Type=form["Content_Type"]
    )
    assert answer.status == 200
    assert not any(row.ended_at is None for row in portal.subscriptions())
    answer, body = ask(f"{proxy.url}/de/subscribe", "POST", "action=preview&q=Netz", **form)
    assert answer.status == 200
    assert f'action="{PREFIX}/de/subscribe"'.encode() in body


def test_feeds_documents_and_errors_name_the_public_address(portal: Portal, proxy: ReverseProxy) -> None:
    _, feed = ask(f"{proxy.url}/de/search.atom?q=Netz")
    assert f'rel="self" href="{proxy.url}/de/search.atom?q=Netz"'.encode() in feed
    _, document = ask(f"{proxy.url}/api/openapi.json")
    assert f'"url":"{proxy.url}"'.encode() in document
    _, page = ask(f"{proxy.url}/de/api")
    assert f"{proxy.url}/api/v1/items".encode() in page
    answer, missing = ask(f"{proxy.url}/api/v1/nothing")
    assert (answer.status, answer.getheader("Content-Type")) == (404, "application/problem+json")
    answer, missing = ask(f"{proxy.url}/de/nothing")
    assert (answer.status, b'lang="de"' in missing) == (404, True)


def test_who_asks_past_the_proxy_gets_the_same_pages(portal: Portal, proxy: ReverseProxy) -> None:
    host, port = proxy.target
    for path in ("/de/", f"{PREFIX}/de/", "/healthz", f"{PREFIX}/healthz", PREFIX):
        assert ask(f"http://{host}:{port}{path}")[0].status in (200, 307)
    assert ask(f"http://{host}:{port}{PREFIX}x/de/")[0].status == 404
