"""A webhook on the page of one's own: made with a secret that is shown once, tried, let go on, ended."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.subscriptions.elsewhere import webhooks
from shared.subscriptions.version import changing
from tests.hooks import HookServer, verifier
from tests.unit.portal.conftest import furnished
from tests.unit.portal.site import Portal
from tests.unit.portal.test_yours import hour


@pytest.fixture
def receiver() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Portal]:
    """A portal whose readers may have stories posted to this machine."""
    yield from furnished(tmp_path, webhooks="any", allowed_networks=(ip_network("127.0.0.0/8"),))  # type: ignore[arg-type]


def page_of(portal: Portal, language: str = "en") -> str:
    return f"{hour(portal, language)}/elsewhere/{portal.subscribed()}"


def made(portal: Portal, page: str, url: str) -> str:
    """The secret of a new webhook."""
    text = portal.post(page, {"action": "webhook_make", "url": url}).text
    found = re.search(r"<code>(whsec_[A-Za-z0-9+/]+=*)</code>", text)
    assert found, text
    return found[1]


def test_its_secret_is_shown_once_and_its_test_is_signed_and_answered(
    inside: Portal, receiver: HookServer
) -> None:
    inside.subscribed()
    page = page_of(inside)
    secret = made(inside, page, receiver.url())
    text = inside.get(page).text
    assert secret not in text
    assert receiver.url() in text
    assert (
        'The test was taken: <span lang="en">HTTP 204 No Content</span>'
        in inside.post(page, {"action": "webhook_test"}).text
    )
    (post,) = receiver.taken
    assert verifier()(secret, post.headers, post.body, inside.clock.now().timestamp())
    assert json.loads(post.body)["type"] == "org.vigie.webhook.test.v1"
    receiver.next = [500]
    assert "HTTP 500" in inside.post(page, {"action": "webhook_test"}).text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no web address"),
        ("ftp://example.org/", "no web address"),
        ("https:///hook", "no web address"),
        ("http://192.0.2.1/", "begin with https"),
        ("https://127.0.0.1/", "not public"),
        ("https://[::1]/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("https://nobody.invalid/", "no host"),
    ],
)
def test_an_address_that_may_not_be_reached_is_refused_and_kept_nowhere(
    portal: Portal, url: str, said: str
) -> None:
    portal.subscribed()
    page = page_of(portal)
    before = portal.dump()
    answer = portal.post(page, {"action": "webhook_make", "url": url})
    assert answer.status_code == 400
    assert said in answer.text
    assert portal.dump() == before


def test_one_that_was_paused_goes_on_by_a_button_and_ends_by_another(inside: Portal, receiver: HookServer) -> None:
    inside.subscribed()
    page = page_of(inside, "fr")
    made(inside, page, receiver.url())
    assert 'value="webhook_resume"' not in inside.get(page).text
    with changing(inside.store) as session:
        row = webhooks.row_of(session, page.rpartition("/")[2])
        assert row is not None
        row.paused_at = inside.clock.now()
        session.add(row)
    assert 'value="webhook_resume"' in inside.get(page).text
    assert 'value="webhook_resume"' not in inside.post(page, {"action": "webhook_resume"}).text
    assert receiver.url() not in inside.post(page, {"action": "webhook_end"}).text


def test_nobody_has_many_addresses_tried(inside: Portal, receiver: HookServer) -> None:
    inside.subscribed()
    page = page_of(inside)
    made(inside, page, receiver.url())
    answers = [inside.post(page, {"action": "webhook_test"}).status_code for _ in range(6)]
    assert answers[-1] == 429
    assert len(receiver.taken) < 6


def test_where_the_operator_wants_none_there_is_no_form(tmp_path: Path) -> None:
    for portal in furnished(tmp_path, webhooks="off"):
        portal.subscribed()
        page = page_of(portal)
        assert "webhook" not in portal.get(page).text
        assert portal.post(page, {"action": "webhook_make", "url": "https://example.org/"}).status_code == 429
