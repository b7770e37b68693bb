"""Whose mails came back reads so where a subscription is shown, and how it goes on."""

import pytest

from shared.subscriptions.links import Purpose
from shared.subscriptions.suspensions import bounced
from shared.subscriptions.version import changing
from tests.unit.portal.site import LANGUAGES, Portal

SAYS = {"de": "kommen Mails an diese Adresse zurück", "en": "have been coming back", "fr": "nous reviennent"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_preferences_say_that_mails_came_back_and_what_to_do(portal: Portal, language: str) -> None:
    path = f"/{language}/preferences/{portal.token(Purpose.PREFERENCES, portal.subscribed())}"
    assert SAYS[language] not in portal.get(path).text
    said = {"delivery": "one", "code": "5.1.1", "reason": "unknown", "permanent": True, "origin": "relay"}
    person = portal.subscriptions()[0].person
    with changing(portal.store) as session:
        assert bounced(session, person, portal.clock.now(), keys=portal.keys(session), **said)
    text = portal.get(path).text
    assert SAYS[language] in text
    assert f'href="/{language}/subscribe?q=theme%3Aenergy"' in text
