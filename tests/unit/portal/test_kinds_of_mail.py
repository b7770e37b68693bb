"""Operators see every kind of mail by its name."""

import pytest
from sqlmodel import select

from shared.subscriptions.ledger import enqueue_own
from shared.subscriptions.tables import PersonRow
from shared.subscriptions.words import Kind
from tests.unit.portal.site import LANGUAGES, Portal


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_mail_stands_on_the_operations_page(portal: Portal, language: str) -> None:
    portal.subscribed()
    with portal.store.writing() as session:
        person = session.exec(select(PersonRow)).one()
        for kind in Kind:
            enqueue_own(session, kind, person.id, portal.clock.now(), language="de")
    assert portal.get(f"/{language}/operations").status_code == 200
