"""The page of a mail with all of its stories, and queries told in words on the pages behind a mail's links."""

import re

import pytest
from sqlmodel import select

from services.notifier.assign import assign
from services.notifier.matching import Matcher
from shared.archive.store import archived_item
from shared.subscriptions.links import Purpose
from shared.subscriptions.tables import DeliveryRow
from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal, a_german_item


def a_mail(portal: Portal) -> str:
    """The id of a mail with two stories."""
    portal.subscribed(every="daily")
    portal.archive(a_german_item("eins", title="Erstes"), a_german_item("zwei", title="Zweites"))
    with portal.store.reading() as session:
        items = [item for id_ in ("eins", "zwei") if (item := archived_item(session, id_))]
    Matcher(portal.store).match(items)
    portal.clock.advance(days=1)
    while assign(portal.store, 10):
        pass
    with portal.store.reading() as session:
        return session.exec(select(DeliveryRow.id)).one()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_mail_shows_its_stories_and_not_its_reader(portal: Portal, language: str) -> None:
    answer = portal.get(f"/{language}/issues/{portal.token(Purpose.ISSUE, a_mail(portal))}")
    assert answer.status_code == 200
    assert re.findall(r"Erstes|Zweites", re.sub("<[^>]+>", "", answer.text)) == ["Erstes", "Zweites"]
    assert ADDRESS not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_link_that_is_not_ours_or_whose_mail_is_gone_shows_nothing(portal: Portal) -> None:
    mail = a_mail(portal)
    assert portal.get(f"/de/issues/{portal.token(Purpose.LEAVE, mail)}").status_code == 404
    assert portal.get(f"/de/issues/{portal.token(Purpose.ISSUE, '0' * 32)}").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Energie oder Gesundheit, über digitale Souveränität, von Institut A"),
        ("fr", "Énergie ou Santé, au sujet de la souveraineté numérique, de la source Institut A"),
        ("en", "Energy or Health, about digital sovereignty, by Institut A"),
    ],
)
def test_confirm_leave_and_preferences_tell_the_query_in_words(portal: Portal, language: str, words: str) -> None:
    query = "(theme:energy OR theme:health) sovereignty:>0.6 source:dfki"
    assert words in portal.get(f"/{language}/confirm/{portal.asked(query)}").text
    subscription = portal.subscribed(query)
    for page, purpose in (("leave", Purpose.LEAVE), ("preferences", Purpose.PREFERENCES)):
        assert words in portal.get(f"/{language}/{page}/{portal.token(purpose, subscription)}").text
