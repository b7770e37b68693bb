"""Operators see the addresses that nothing is sent to, and lift them."""

import pytest
from sqlmodel import select

from shared.subscriptions import people
from shared.subscriptions.complaints import complained
from shared.subscriptions.suspensions import bounced
from shared.subscriptions.tables import SuspensionRow
from shared.subscriptions.version import changing
from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal


def suppress(portal: Portal, address: str = ADDRESS, *, complaint: bool = False) -> None:
    portal.subscribed(address=address)
    with changing(portal.store) as session:
        keys, now = portal.keys(session), portal.clock.now()
        person = people.find(session, address).id
        if complaint:
            complained(session, person, now, keys=keys, delivery="m2", origin="bounces")
        else:
            said = {"delivery": "m1", "code": "5.1.1", "reason": "550 5.1.1 no such user", "origin": "relay"}
            bounced(session, person, now, keys=keys, permanent=True, **said)


def hashes(portal: Portal) -> list[str]:
    with portal.store.reading() as session:
        return list(session.exec(select(SuspensionRow.address_hash)).all())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_seen_with_its_reason_and_lifted(portal: Portal, language: str) -> None:
    suppress(portal)
    path = f"/{language}/operations/suppressed"
    text = portal.get(path).text
    assert ADDRESS in text
    assert "550 5.1.1 no such user" in text
    (hash_,) = hashes(portal)
    assert ADDRESS not in portal.post(path, {"hash": hash_}).text
    assert not hashes(portal)
    assert portal.post(path, {"hash": hash_}).status_code == 200  # again: nothing happens


def test_an_address_that_nobody_has_any_more_is_lifted_by_its_hash(portal: Portal) -> None:
    suppress(portal, complaint=True)
    with changing(portal.store) as session:
        people.erase(session, ADDRESS, portal.clock.now(), keys=portal.keys(session))
    text = portal.get("/en/operations/suppressed").text
    assert ADDRESS not in text
    assert "nobody any more" in text
    assert "complaint" in text
    portal.post("/en/operations/suppressed", {"hash": hashes(portal)[0]})
    assert not hashes(portal)


def test_only_operators_see_them(portal: Portal) -> None:
    assert portal.get("/en/operations/suppressed", headers={"host": "vigie.example.org"}).status_code == 403
    assert "No address is suppressed" in portal.get("/en/operations/suppressed").text
