"""Who got no mail for 24 months is asked whether they still want it, and answers on a page."""

from datetime import timedelta

import pytest
from sqlmodel import select

from shared.subscriptions.consent import ConsentLine, consent_of
from shared.subscriptions.erasure import purge_for_good
from shared.subscriptions.links import Purpose
from shared.subscriptions.retention import AGAIN, ASKED, MONTH, UNANSWERED, WANTED
from shared.subscriptions.tables import DeliveryRow
from shared.subscriptions.words import Consent, Kind, State
from tests.unit.portal.site import LANGUAGES, Portal


def purge(portal: Portal) -> None:
    with portal.store.writing() as session:
        keys = portal.keys(session)
    purge_for_good(portal.store, keys=keys)


def asked(portal: Portal) -> list[DeliveryRow]:
    """The mails that ask; each is sent by now."""
    with portal.store.writing() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.KEEP)).all()
        for row in rows:
            row.state = State.SENT
            session.add(row)
        session.flush()
        return [row.model_copy() for row in rows]


def silent(portal: Portal) -> str:
    """Two years without a mail; the subject of the link that the mail which asks has."""
    portal.subscribed()
    portal.clock.advance(days=(24 * MONTH).days + 1)
    purge(portal)
    (mail,) = asked(portal)
    return f"{mail.person}-{mail.id}"


def record(portal: Portal) -> list[ConsentLine]:
    with portal.store.reading() as session:
        return list(consent_of(session, portal.subscriptions()[0].person))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_keeps_it_for_two_years_more(portal: Portal, language: str) -> None:
    path = f"/{language}/keep/{portal.token(Purpose.KEEP, silent(portal))}"
    before = portal.dump()
    page = portal.get(path)
    assert {"de": "Energie", "fr": "Énergie", "en": "Energy"}[language] in page.text
    assert portal.dump() == before  # a scanner that follows the link changes nothing
    assert portal.post(path).status_code == 200
    line = record(portal)[-1]
    assert (line.event, line.reason, line.origin) == (Consent.CHANGED, WANTED, "portal")
    for _ in range(ASKED + 2):
        portal.clock.advance(days=AGAIN.days)
        purge(portal)
    assert len(asked(portal)) == 1
    assert portal.subscriptions()[0].ended_at is None


def test_without_an_answer_it_ends_after_three_mails_and_the_page_says_so(portal: Portal) -> None:
    path = f"/de/keep/{portal.token(Purpose.KEEP, silent(portal))}"
    for _ in range(ASKED):
        portal.clock.advance(days=AGAIN.days, minutes=1)
        purge(portal)
        asked(portal)
    assert len(asked(portal)) == ASKED
    row = portal.subscriptions()[0]
    assert (row.end_reason, row.ended_at) == (UNANSWERED, portal.clock.now())
    text = portal.get(path).text
    assert "Ja, weiter" not in text
    assert 'href="/de/subscribe"' in text
    portal.clock.advance(days=timedelta(days=28).days, minutes=1)
    purge(portal)
    assert portal.subscriptions() == []
