"""The findings in the portal: /statusz, the operations page, the gauges, and the button that clears a notice."""

import re

import pytest

from services.portal.site import HERE
from shared.locales import load_texts
from shared.telemetry.facts import Weight
from shared.telemetry.finding import KINDS
from shared.telemetry.notices import raise_notice
from shared.telemetry.told import as_said, remedy_of
from tests.architecture.rules import ROOT
from tests.unit.portal.site import LANGUAGES, Opening, Portal
from tests.unit.portal.test_metrics import scraped
from tests.unit.portal.test_operations import PASSWORD, basic

NOTICE = re.compile(r': Final = "([a-z]+\.[a-z]+)"')
COMMAND = re.compile(r"`[^`]+`")


def noted(portal: Portal, key: str = "bus.renewed:bus.db", weight: Weight = Weight.RED) -> None:
    with portal.store.writing() as session:
        raise_notice(session, key, weight, as_said("the bus was <made> anew"), portal.clock.now())


def test_every_kind_has_headline_and_remedy_in_three_languages_with_the_same_commands() -> None:
    texts = load_texts(HERE / "locales")
    for kind, of in KINDS.items():
        assert texts["en"](f"remedy_{kind}") == of.remedy
        for said in texts.values():
            assert said(f"finding_{kind}")
            assert COMMAND.findall(said(f"remedy_{kind}")) == COMMAND.findall(of.remedy)


def test_every_notice_that_a_stage_raises_has_its_headline_too() -> None:
    files = [path.read_text("utf-8") for name in ("shared", "services") for path in (ROOT / name).rglob("*.py")]
    raised = {key for text in files if "raise_notice(" in text for key in NOTICE.findall(text)}
    assert raised >= {"settings.contact", "model.damaged", "clock.stepped"}
    texts = load_texts(HERE / "locales")["en"]
    assert sorted(key for key in raised if f"finding_{key}" not in texts.texts) == []


def test_statusz_says_what_the_command_says_and_503_when_it_is_red(portal: Portal) -> None:
    answer = portal.get("/statusz")
    assert answer.status_code == 503  # nothing runs in this test
    said = answer.json()
    assert {finding["id"] for finding in said["findings"] if finding["weight"] == "red"} == {"stage.silent"}
    assert set(said["findings"][0]) == {"id", "weight", "subject", "reason", "remedy", "since", "notice"}


def test_statusz_is_for_operators_alone(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    assert portal.get("/statusz").status_code == 401
    assert portal.get("/statusz", headers=basic(PASSWORD)).status_code == 503


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_operations_page_shows_each_finding_with_reason_and_remedy(portal: Portal, language: str) -> None:
    noted(portal)
    text = portal.get(f"/{language}/operations").text
    assert "the bus was &lt;made&gt; anew" in text
    assert remedy_of("bus.renewed", language) in text
    assert "bus.db" in text
    assert "<code>vigie run --alone classifier</code>" in text


def test_findings_are_gauges_by_kind_and_weight_and_name_no_subject(portal: Portal) -> None:
    noted(portal)
    text = portal.get("/metrics").text
    assert 'vigie_findings{id="stage.silent",weight="red"} 5.0' in text
    assert 'vigie_findings{id="deliveries.held",weight="red"} 0.0' in text
    assert 'vigie_findings{id="bus.renewed",weight="red"} 1.0' in text
    assert "bus.db" not in text
    assert scraped(portal)["vigie_up", ""] == 1


def test_a_button_clears_a_notice(portal: Portal) -> None:
    noted(portal)
    answer = portal.post("/de/operations/clear", {"notice": "bus.renewed:bus.db"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/de/operations")
    assert "bus.db" not in portal.get("/de/operations").text


def test_nobody_else_clears_a_notice(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    noted(portal)
    before = portal.dump()
    assert portal.post("/de/operations/clear", {"notice": "bus.renewed:bus.db"}).status_code == 401
    assert portal.dump() == before
