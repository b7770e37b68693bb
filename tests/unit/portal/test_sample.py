"""A sample on request: the mail that a subscription would send, as a test that counts as nothing."""

import pytest
from sqlmodel import select

from services.notifier.gather import letters_of
from shared.subscriptions.tables import DeliveryRow, MatchRow
from shared.subscriptions.words import Kind
from tests.mailing import deliver_all
from tests.unit.portal.site import LANGUAGES, Portal
from tests.unit.portal.test_yours import hour, mails


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_goes_at_once_and_counts_as_nothing(portal: Portal, language: str) -> None:
    first = portal.subscribed()
    page = f"{hour(portal, language)}/elsewhere/{first}"
    deliver_all(portal.store)
    assert 'role="status"' in portal.post(page, {"action": "sample"}).text
    (mail,) = deliver_all(portal.store)
    assert dict(mail.headers)["Subject"] == "Test: So sehen Ihre Mails aus"
    assert "KI steuert das Netz" in mail.text
    assert "List-Unsubscribe" in dict(mail.headers)
    with portal.store.reading() as session:
        assert session.exec(select(MatchRow)).all() == []


def test_three_a_day_are_enough(portal: Portal) -> None:
    first = portal.subscribed()
    page = f"{hour(portal)}/elsewhere/{first}"
    said = [portal.post(page, {"action": "sample"}).text for _ in range(4)]
    assert len(mails(portal, Kind.SAMPLE)) == 3
    assert "Three samples went today" in said[-1]


def test_where_the_archive_has_nothing_it_says_so(portal: Portal) -> None:
    page = f"{hour(portal) if portal.subscribed('theme:health') else ''}/elsewhere/{portal.subscriptions()[0].id}"
    assert "nothing to show" in portal.post(page, {"action": "sample"}).text
    assert mails(portal, Kind.SAMPLE) == []


def test_what_was_ended_by_then_is_not_mailed(portal: Portal) -> None:
    first = portal.subscribed()
    page = hour(portal)
    portal.post(f"{page}/elsewhere/{first}", {"action": "sample"})
    portal.post(page, {"action": "leave", "subscription": first})
    with portal.store.reading() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == Kind.SAMPLE)).all()
        (said,) = letters_of(session, rows, portal.clock.now()).values()
    assert "ended" in getattr(said, "reason", "")
