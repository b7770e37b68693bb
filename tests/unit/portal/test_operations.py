"""The operations pages: who may see them, what they show, and the mails of the file sink."""

from base64 import b64encode
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from shared.bus import COLLECTED, DEAD, DeadLetter, Message
from shared.bus.letters import letter_message
from tests.unit.portal.site import LANGUAGES, Opening, Portal

PASSWORD = "lantern"
GATED = (
    "/de/items/netz/correct",
    "/de/stories/netz/correct",
    "/de/operations",
    "/de/mails",
    "/de/mails/one",
    "/de/mails/one/html",
)


def basic(password: str, user: str = "admin") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def write_mail(
    portal: Portal, name: str = "one", html: str | None = None, subject: str = "Hallo Österreich"
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Vigie <vigie@localhost>", "reader@example.org", subject
    mail["Date"] = format_datetime(portal.clock.now())
    mail.set_content("Text mit Link: http://127.0.0.1:8080/de/items/netz\n")
    if html is not None:
        mail.add_alternative(html, subtype="html")
    portal.settings.mail_dir.mkdir(exist_ok=True)
    (portal.settings.mail_dir / "one.eml").write_bytes(mail.as_bytes())


@pytest.mark.parametrize("path", GATED)
@pytest.mark.parametrize(
    "settings",
    [{"http": "0.0.0.0:8080"}, {"http": "[::]:8080"}, {"public_url": "https://vigie.example.org"}],
    ids=["every address", "every address, IPv6", "behind a proxy"],
)
def test_beyond_loopback_they_are_shut_without_a_password(
    portal_with: Opening, path: str, settings: dict[str, str]
) -> None:
    portal = portal_with(**settings)
    write_mail(portal)
    answer = portal.get(path)
    assert answer.status_code == 403
    assert "VIGIE_ADMIN_PASSWORD" in answer.text
    assert "Hallo" not in answer.text


def test_beyond_loopback_they_open_with_the_password_alone(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    refused = portal.get("/de/operations")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert portal.get("/de/operations", headers=basic("wrong")).status_code == 401
    assert portal.get("/de/operations", headers=basic(PASSWORD, "root")).status_code == 401
    assert portal.get("/de/operations", headers={"Authorization": "Basic %%%"}).status_code == 400
    assert portal.get("/de/operations", headers=basic(PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"}]
)
def test_a_rebound_name_or_an_unknown_proxy_is_not_loopback(portal: Portal, headers: dict[str, str]) -> None:
    assert portal.get("/de/operations").status_code == 200
    assert portal.get("/de/operations", headers=headers).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_shows_stages_and_dead_letters(portal: Portal, language: str) -> None:
    portal.bus.publish(COLLECTED, [Message("netz", b"{}")])
    (record,) = portal.bus.read(COLLECTED, -1, 1)
    letter = DeadLetter(record, "no <b>link</b> in entry", "Unprocessable")
    portal.bus.publish(COLLECTED + DEAD, [letter_message(letter, "classifier")])
    text = portal.get(f"/{language}/operations").text
    assert "no &lt;b&gt;link&lt;/b&gt; in entry" in text
    assert text.count('<li class="bad">') == 5  # nothing runs in this test
    assert "vigie dead list" in text


def test_mails_are_listed_and_shown_in_both_parts(portal: Portal) -> None:
    write_mail(portal, html="<html><head></head><body><a href='http://127.0.0.1:8080/de/'>x</a></body></html>")
    assert "Hallo Österreich" in portal.get("/de/mails").text
    page = portal.get("/de/mails/one")
    assert 'src="/de/mails/one/html"' in page.text
    assert '<a href="http://127.0.0.1:8080/de/items/netz" rel="noopener">' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]


def test_the_html_of_a_mail_may_do_nothing(portal: Portal) -> None:
    write_mail(portal, html="<html><head><title>x</title></head><body><script>alert(1)</script></body></html>")
    answer = portal.get("/de/mails/one/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "allow-scripts" not in policy
    assert '<head><base target="_top">' in answer.text


def test_a_mail_of_plain_text_has_no_html_page(portal: Portal) -> None:
    write_mail(portal, subject="<script>alert(1)</script>")
    assert "<script" not in portal.get("/de/mails").text
    assert "<iframe" not in portal.get("/de/mails/one").text
    assert portal.get("/de/mails/one/html").status_code == 404


@pytest.mark.parametrize("name", ["two", "..%2Fvigie", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "one.eml", "a" * 100])
def test_no_other_file_is_shown(portal: Portal, name: str) -> None:
    write_mail(portal)
    assert portal.get(f"/de/mails/{name}").status_code == 404


def test_with_a_relay_there_are_no_mails_to_show(portal_with: Opening) -> None:
    portal = portal_with(smtp_url="smtp://relay.example.org")
    write_mail(portal)
    assert portal.get("/de/mails").status_code == 404
    assert "/de/mails" not in portal.get("/de/").text


def test_a_mail_that_is_no_mail_does_not_hide_the_others(portal: Portal) -> None:
    write_mail(portal)
    (portal.settings.mail_dir / "odd.eml").write_bytes(b"\xff\xfe no mail at all")
    answer = portal.get("/de/mails")
    assert answer.status_code == 200
    assert "Hallo Österreich" in answer.text
