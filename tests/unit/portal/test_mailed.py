"""The pages behind the links of mails: GET shows, POST acts, and the one-click POST of RFC 8058."""

import pytest

from shared.subscriptions.links import Purpose
from tests.unit.portal.site import LANGUAGES, Portal

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_five_looks_at_a_confirmation_change_nothing_and_a_post_confirms(portal: Portal) -> None:
    path = f"/de/confirm/{portal.asked()}"
    before = portal.dump()
    for _ in range(5):
        assert "Ja, abonnieren" in portal.get(path).text
    assert portal.browser.head(path).status_code == 200
    assert portal.dump() == before
    answer = portal.post(path)
    assert answer.status_code == 200
    assert "Das Abonnement hat begonnen" in answer.text
    (subscription,) = portal.subscriptions()
    assert subscription.confirmed_at == portal.clock.now()


def test_confirming_again_changes_nothing(portal: Portal) -> None:
    path = f"/de/confirm/{portal.asked()}"
    portal.post(path)
    before = portal.dump()
    portal.clock.advance(hours=1)
    assert "Das Abonnement hat begonnen" in portal.post(path).text
    assert portal.dump() == before


def test_a_confirmation_leads_to_the_preferences(portal: Portal) -> None:
    text = portal.post(f"/de/confirm/{portal.asked()}").text
    path = text.split('href="/de/preferences/')[1].split('"')[0]
    assert "Energie" in portal.get(f"/de/preferences/{path}").text


def test_a_confirmation_after_its_seven_days_is_too_old(portal: Portal) -> None:
    path = f"/fr/confirm/{portal.asked()}"
    portal.clock.advance(days=8)
    for answer in (portal.get(path), portal.post(path)):
        assert answer.status_code == 404
        assert "Ce lien n’est pas valable" in answer.text


def test_looks_at_a_leave_link_change_nothing_and_a_post_ends(portal: Portal) -> None:
    path = f"/de/leave/{portal.token(Purpose.LEAVE, portal.subscribed())}"
    before = portal.dump()
    for _ in range(5):
        assert "Abonnement beenden?" in portal.get(path).text
    assert portal.dump() == before
    assert "Das Abonnement ist beendet" in portal.post(path).text
    assert portal.subscriptions()[0].ended_at is not None
    assert "Das Abonnement ist beendet" in portal.get(path).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_click_ends_without_cookie_redirect_or_origin(portal: Portal, language: str) -> None:
    path = f"/{language}/leave/{portal.token(Purpose.LEAVE, portal.subscribed())}"
    answer = portal.post(path, ONE_CLICK, Origin="https://mail.example", Sec_Fetch_Site="cross-site")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert portal.subscriptions()[0].ended_at is not None
    assert portal.post(path, ONE_CLICK).status_code == 200  # again: the same


def test_one_click_may_come_as_multipart(portal: Portal) -> None:
    path = f"/de/leave/{portal.token(Purpose.LEAVE, portal.subscribed())}"
    parts = {"List-Unsubscribe": (None, "One-Click")}
    assert portal.browser.post(path, files=parts).status_code == 200
    assert portal.subscriptions()[0].ended_at is not None


def test_leaving_one_leaves_the_others(portal: Portal) -> None:
    first, _ = portal.subscribed(), portal.subscribed("theme:health")
    portal.post(f"/de/leave/{portal.token(Purpose.LEAVE, first)}")
    assert [row.query for row in portal.subscriptions() if row.ended_at is None] == ["theme:health"]


@pytest.mark.parametrize("page", ["confirm", "leave", "preferences"])
def test_a_token_opens_only_what_it_was_made_for(portal: Portal, page: str) -> None:
    subscription = portal.subscribed()
    for purpose in Purpose:
        if purpose.value != page:
            path = f"/de/{page}/{portal.token(purpose, subscription)}"
            assert portal.get(path).status_code == 404
            assert portal.post(path, {"every": "daily", "language": "de"}).status_code == 404
    assert portal.get(f"/de/{page}/nonsense").status_code == 404
    assert all(row.ended_at is None for row in portal.subscriptions())


def test_a_link_of_somebody_unknown_shows_a_page(portal: Portal) -> None:
    for purpose in Purpose:
        token = portal.token(purpose, "0123456789abcdef")
        assert portal.get(f"/de/{purpose}/{token}").status_code in (200, 404)
        assert portal.post(f"/de/{purpose}/{token}", {"every": "daily", "language": "de"}).status_code in (
            200,
            404,
        )


def test_before_any_link_was_signed_every_link_is_bad(portal: Portal) -> None:
    assert portal.get("/de/leave/a.0.b").status_code == 404


def test_pages_with_a_token_are_kept_by_nobody(portal: Portal) -> None:
    headers = portal.get(f"/de/leave/{portal.token(Purpose.LEAVE, portal.subscribed())}").headers
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-robots-tag"] == "noindex"
