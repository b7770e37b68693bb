"""Subscribing by the form: preview, neutral answers, the trap, limits, and requests from other sites."""

import pytest

from services.portal.throttle import PER_CLIENT, TOGETHER
from shared.subscriptions.deliveries import list_deliveries
from shared.telemetry.notices import stands
from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal

FORM = {"theme": "energy", "address": ADDRESS, "every": "daily", "language": "de", "action": "subscribe"}


def deliveries(portal: Portal) -> int:
    with portal.store.reading() as session:
        return len(list_deliveries(session))


def test_a_wish_waits_for_its_confirmation_mail(portal: Portal) -> None:
    answer = portal.post("/de/subscribe", FORM | {"q": "Netz OR Strom", "language": "fr"})
    assert answer.status_code == 200
    (wish,) = portal.subscriptions()
    assert (wish.query, wish.every, wish.language) == ("(Netz OR Strom) theme:energy", "daily", "fr")
    assert wish.confirmed_at is None
    assert deliveries(portal) == 1


def test_the_answer_is_the_same_whether_the_address_is_known_or_the_trap_was_filled(portal: Portal) -> None:
    portal.subscribed(address="known@example.org")
    answers = {
        portal.post("/de/subscribe", FORM | {"address": "new@example.org"}).text,
        portal.post("/de/subscribe", FORM | {"address": "known@example.org"}).text,
        portal.post("/de/subscribe", FORM | {"website": "https://example.org"}).text,
    }
    assert len(answers) == 1


def test_who_fills_the_trap_stores_nothing(portal: Portal) -> None:
    portal.post("/de/subscribe", FORM | {"website": "x"})
    assert not portal.subscriptions()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_ticked_is_asked_back_and_never_silently_everything(portal: Portal, language: str) -> None:
    form = {key: value for key, value in FORM.items() if key != "theme"}
    answer = portal.post(f"/{language}/subscribe", form)
    assert answer.status_code == 400
    assert 'name="everything"' in answer.text
    assert not portal.subscriptions()
    assert portal.post(f"/{language}/subscribe", form | {"everything": "1"}).status_code == 200
    assert [wish.query for wish in portal.subscriptions()] == [""]


def test_a_zone_that_there_is_not_is_said_beside_its_field(portal: Portal) -> None:
    answer = portal.post("/en/subscribe", FORM | {"zone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert 'aria-describedby="zone-hint zone-error"' in answer.text
    assert not portal.subscriptions()


def test_the_options_of_a_wish_are_kept_and_stand_on_its_confirmation(portal: Portal) -> None:
    options = {"every": "weekly", "weekday": "2", "hour": "18", "zone": "Europe/Paris", "quiet_from": "5"}
    portal.post("/en/subscribe", FORM | options)
    (wish,) = portal.subscriptions()
    assert (wish.weekday, wish.hour, wish.zone, wish.quiet_from) == (2, 18, "Europe/Paris", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_preview_counts_shows_and_stores_nothing(portal: Portal, language: str) -> None:
    before = portal.dump()
    answer = portal.post(f"/{language}/subscribe", FORM | {"action": "preview", "q": "Netz"})
    assert answer.status_code == 200
    assert "KI steuert das Netz" in answer.text
    assert 'value="energy" checked' in answer.text
    assert f'value="{ADDRESS}"' in answer.text
    assert portal.dump() == before


def test_a_preview_says_how_many_would_have_matched(portal: Portal) -> None:
    text = portal.post("/en/subscribe", FORM | {"action": "preview"}).text
    assert "1 publication would have matched in the last 30 days" in text


@pytest.mark.parametrize("address", ["nobody", "a@b", "x@example.org\r\nBcc: y@b.org", "", "<b>@example.org"])
def test_an_unusable_address_is_said_beside_its_field(portal: Portal, address: str) -> None:
    answer = portal.post("/en/subscribe", FORM | {"address": address})
    assert answer.status_code == 400
    assert 'aria-describedby="address-hint address-error"' in answer.text
    assert "<b>@" not in answer.text
    assert not portal.subscriptions()


def test_a_malformed_query_is_shown_with_its_place(portal: Portal) -> None:
    answer = portal.post("/en/subscribe", FORM | {"q": "Netz theem:x"})
    assert answer.status_code == 400
    assert "at character 6" in answer.text
    assert not portal.subscriptions()


def test_a_search_fills_the_form_in(portal: Portal) -> None:
    assert 'value="Netz lang:de"' in portal.get("/de/subscribe?q=Netz lang:de").text


def test_choices_that_the_form_does_not_offer_fall_back(portal: Portal) -> None:
    form = FORM | {"every": "hourly", "language": "xx", "theme": "nonsense", "everything": "1"}
    portal.post("/fr/subscribe", form | {"hour": "25", "weekday": "x", "quiet_from": "-1", "strength": "none"})
    (wish,) = portal.subscriptions()
    assert (wish.query, wish.every, wish.language) == ("", "daily", "fr")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_does_nothing(portal: Portal, headers: dict[str, str]) -> None:
    answer = portal.post("/de/subscribe", FORM, **headers)
    assert answer.status_code == 403
    assert not portal.subscriptions()


def test_a_browser_that_tells_only_its_origin_may_subscribe(portal: Portal) -> None:
    assert portal.post("/de/subscribe", FORM, Origin="http://127.0.0.1:8080").status_code == 200
    assert portal.subscriptions()


def test_nobody_asks_without_end(portal: Portal) -> None:
    most = PER_CLIENT[0][0]
    answers = [portal.post("/de/subscribe", FORM | {"address": f"a{n}@example.org"}) for n in range(most + 1)]
    assert [answer.status_code for answer in answers] == [200] * most + [429]
    assert len(portal.subscriptions()) == most
    portal.clock.advance(minutes=2)
    assert portal.post("/de/subscribe", FORM).status_code == 200


def test_a_form_too_large_is_refused_whether_it_says_its_length_or_not(portal: Portal) -> None:
    assert portal.post("/de/subscribe", FORM | {"q": "x" * 70_000}).status_code == 413
    endless = iter([b"q=" + b"x" * 40_000, b"x" * 40_000])
    assert portal.browser.post("/de/subscribe", content=endless).status_code == 413
    assert not portal.subscriptions()


def test_operators_hear_of_it_when_all_together_ask_for_too_much(portal: Portal) -> None:
    throttle = portal.app.state.site.throttle
    for n in range(TOGETHER[0][0]):
        assert throttle.allows(f"192.0.2.{n}", portal.clock.now())
    assert portal.post("/de/subscribe", FORM).status_code == 429
    assert portal.post("/de/links", {"address": "reader@example.org"}).status_code == 429
    with portal.store.reading() as session:
        assert stands(session, "portal.flood")


def test_one_who_asks_too_often_is_no_alarm(portal: Portal) -> None:
    for _ in range(PER_CLIENT[0][0] + 1):
        answer = portal.post("/de/subscribe", FORM)
    assert answer.status_code == 429
    with portal.store.reading() as session:
        assert not stands(session, "portal.flood")
