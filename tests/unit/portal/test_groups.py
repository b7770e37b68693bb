"""The page of groups for operators, and what their members see."""

import pytest

from tests.unit.portal.site import ADDRESS, LANGUAGES, Portal
from tests.unit.portal.test_yours import hour

PAGE = "/operations/groups"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_operator_makes_a_group_fills_it_and_ends_it(portal: Portal, language: str) -> None:
    page = f"/{language}{PAGE}"
    made = portal.post(page, {"name": "Pult", "q": "theme:energy", "every": "daily", "language": "fr"})
    assert 'role="status"' in made.text
    one = f"{page}/Pult"
    sent = {"action": "add", "addresses": f"{ADDRESS}\nnobody, {ADDRESS}", "proof": "Protokoll"}
    text = portal.post(one, sent).text
    assert f'<th scope="row">{ADDRESS}</th>' in text
    assert "nobody" in text
    assert [(row.group_name, row.language) for row in portal.subscriptions()] == [("Pult", "fr")]
    portal.post(one, {"action": "take_out", "address": ADDRESS})
    assert all(row.ended_at for row in portal.subscriptions())
    assert portal.post(one, {"action": "end"}).status_code == 200
    assert portal.get(one).status_code == 404


def test_nothing_is_made_of_a_wrong_wish_and_nobody_is_put_in_without_a_proof(portal: Portal) -> None:
    page = f"/en{PAGE}"
    for wrong in ({"name": "Pult", "q": ""}, {"name": "Pult", "q": "theem:x"}, {"name": "", "q": "theme:ai"}):
        assert portal.post(page, wrong).status_code == 400
    portal.post(page, {"name": "Pult", "q": "theme:energy"})
    assert "proof" in portal.post(f"{page}/Pult", {"action": "add", "addresses": ADDRESS, "proof": ""}).text
    assert portal.subscriptions() == []


def test_a_member_sees_whose_it_is_and_cannot_change_it(portal: Portal) -> None:
    portal.post(f"/en{PAGE}", {"name": "Pult", "q": "theme:energy"})
    portal.post(f"/en{PAGE}/Pult", {"action": "add", "addresses": ADDRESS, "proof": "Protokoll"})
    page = hour(portal)
    (row,) = portal.subscriptions()
    text = portal.get(page).text
    assert "owned by the operator" in text
    assert f"/change/{row.id}" not in text
    assert f"/elsewhere/{row.id}" in text
    assert portal.post(f"{page}/change/{row.id}", {"action": "save", "theme": "ai"}).status_code == 400
    portal.post(page, {"action": "leave", "subscription": row.id})
    assert portal.subscriptions()[0].ended_at is not None


def test_only_operators_see_it(portal: Portal) -> None:
    assert portal.get(f"/en{PAGE}", headers={"Host": "vigie.example.org"}).status_code in (401, 403)
