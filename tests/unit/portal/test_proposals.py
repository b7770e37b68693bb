"""What waits for an operator's word about sources: shown to everybody, taken on the operations page."""

import pytest

from shared.sources.catalogue import source_config
from shared.sources.proposals import waiting
from shared.sources.store import add_source, source_row
from shared.sources.tables import SourceRow
from tests.unit.portal.conftest import Opening
from tests.unit.portal.site import LANGUAGES, Portal
from tests.unit.portal.test_operations import PASSWORD, basic


def shape(*titles: str) -> dict[str, object]:
    return {"count": len(titles), "dated": 1.0, "samples": [[f"/presse/{n}", t] for n, t in enumerate(titles)]}


def rebuilt(portal: Portal, *now: str) -> None:
    block = {"id": "haus", "kind": "listing", "url": "https://www.example.org/presse", "name": "Haus"}
    with portal.store.writing() as session:
        add_source(session, source_config(block, "test"), portal.clock.now(), shape("Alte Meldung", "Zweite"))
        row = source_row(session, "haus")
        row.state, row.proposal = "rebuilt", shape(*now)
        session.add(row)


def row_of(portal: Portal) -> SourceRow:
    with portal.store.reading() as session:
        return source_row(session, "haus")


def form(portal: Portal) -> dict[str, str]:
    with portal.store.reading() as session:
        (one,) = waiting(session)
    return {"source": one.id, "proposal": one.mark}


@pytest.mark.parametrize("language", LANGUAGES)
def test_old_and_new_stand_side_by_side_for_everybody_and_the_button_for_operators(
    portal: Portal, language: str
) -> None:
    assert "Neue Meldung" not in portal.get(f"/{language}/sources").text
    rebuilt(portal, "Neue Meldung <b>", "Zweite", "Dritte")
    for page, button in (("sources", False), ("operations", True)):
        text = portal.get(f"/{language}/{page}").text
        assert text.index("Alte Meldung") < text.index("Neue Meldung &lt;b&gt;")
        assert ("/operations/accept" in text) is button


def test_the_button_takes_what_was_shown_and_nothing_that_came_since(portal: Portal) -> None:
    rebuilt(portal, "Neue Meldung")
    seen = form(portal)
    with portal.store.writing() as session:
        row = source_row(session, "haus")
        row.proposal = shape("Noch eine andere")
        session.add(row)
    assert portal.post("/de/operations/accept", seen).status_code == 303
    assert row_of(portal).shape["samples"][0][1] == "Alte Meldung"  # type: ignore[index]
    answer = portal.post("/de/operations/accept", form(portal))
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/operations")
    row = row_of(portal)
    assert (row.state, row.proposal, row.shape["samples"][0][1]) == ("new", None, "Noch eine andere")  # type: ignore[index]
    assert "Noch eine andere" not in portal.get("/de/operations").text


def test_nobody_else_accepts(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    rebuilt(portal, "Neue Meldung")
    assert portal.post("/de/operations/accept", form(portal)).status_code == 401
    assert row_of(portal).proposal is not None
    assert portal.get("/de/operations", headers=basic(PASSWORD)).status_code == 200
