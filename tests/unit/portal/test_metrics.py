"""What Prometheus reads of the product, and who may read it."""

import shutil
import subprocess
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.portal.metrics import FRESH
from shared.bus import COLLECTED, DEAD, DeadLetter, Message
from shared.bus.letters import letter_message
from shared.sources.states import State
from shared.telemetry.health import beat
from shared.telemetry.lanes import READS
from tests.unit.portal.site import ADDRESS, Opening, Portal, a_german_item
from tests.unit.portal.test_operations import PASSWORD, basic

Sample = tuple[str, str]  # the name and the value of its label


def scraped(portal: Portal) -> Mapping[Sample, float]:
    answer = portal.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_everything_that_status_counts_is_a_gauge(portal: Portal) -> None:
    portal.bus.publish(COLLECTED, [Message("netz", b"{}"), Message("wind", b"{}")])
    (record, *_) = portal.bus.read(COLLECTED, -1, 1)
    letter = DeadLetter(record, "no link in entry", "Unprocessable")
    portal.bus.publish(COLLECTED + DEAD, [letter_message(letter, "classifier")])
    with portal.store.writing() as session:
        beat(session, "one", {"collector": None, "notifier": "the relay refuses"}, portal.clock.now())
    portal.clock.advance(seconds=7)
    found = scraped(portal)
    assert found["vigie_up", ""] == 1
    assert found["vigie_items", ""] == 1
    assert found["vigie_stage_backlog_records", "classifier"] == 2
    assert found["vigie_stage_waiting_seconds", "classifier"] == 7
    assert found["vigie_stage_waiting_seconds", "archivist"] == 0
    assert found["vigie_stage_dead_letters", "classifier"] == 1
    assert [found["vigie_stage_alive", stage] for stage in ("collector", "notifier", "archivist")] == [1, 1, 0]
    assert [found["vigie_stage_red", stage] for stage in ("collector", "notifier", "archivist")] == [0, 1, 0]
    assert (found["vigie_sources", "new"], found["vigie_sources", "paused"]) == (1, 1)


def test_every_stage_and_state_is_there_from_the_start(portal: Portal) -> None:
    found = scraped(portal)
    per_stage = {name for name, _ in found if name.startswith("vigie_stage_")}
    assert {(name, stage) for name in per_stage for stage in READS} <= set(found)
    assert {state for name, state in found if name == "vigie_sources"} == set(State)
    deliveries = {state for name, state in found if name == "vigie_deliveries"}
    assert deliveries == {"pending", "sending", "sent", "failed", "held", "unknown"}


def verdicts(portal: Portal) -> Mapping[tuple[str, ...], float]:
    """The gauges of the latest verdicts: name and labels, in the order of their names -> value."""
    return {
        (
            sample.name.removeprefix("vigie_verdict_"),
            *(sample.labels[name] for name in sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(portal.get("/metrics").text)
        for sample in family.samples
        if sample.name.startswith("vigie_verdict_")
    }


def test_the_latest_verdicts_are_gauges_by_language_label_and_model(portal: Portal) -> None:
    found = verdicts(portal)
    assert (found["items", "de"], found["items", "fr"]) == (1, 0)
    assert [found["label_items", label, "de"] for label in ("energy", "franco_german", "health")] == [1, 1, 0]
    assert [found["score_items", "energy", "de", upto] for upto in ("0.5", "0.8", "+Inf")] == [0, 0, 1]
    assert [found["score_items", "health", "de", upto] for upto in ("0.2", "+Inf")] == [1, 1]
    assert found["model_items", "lexicon-1"] == 1


def test_verdicts_are_counted_once_in_five_minutes(portal: Portal) -> None:
    verdicts(portal)
    portal.archive(a_german_item("wind"))
    portal.clock.advance(minutes=4, seconds=59)
    assert (scraped(portal)["vigie_items", ""], verdicts(portal)["items", "de"]) == (2, 1)
    portal.clock.advance(seconds=1)
    assert verdicts(portal)["items", "de"] == 2


def test_every_gauge_says_what_it_is(portal: Portal) -> None:
    answer = portal.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(answer.text))
    assert [family.name for family in families if family.type != "gauge" or not family.documentation] == []


def test_no_gauge_has_a_label_of_histograms(portal: Portal) -> None:
    families = text_string_to_metric_families(portal.get("/metrics").text)
    assert {name for family in families for sample in family.samples for name in sample.labels} & {
        "le",
        "quantile",
    } == set()


def test_promtool_finds_nothing_to_say_of_the_metrics(portal: Portal) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not here: apt install prometheus (100 MB)")
    text = portal.get("/metrics").text
    done = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_store_that_does_not_answer_leaves_one_gauge(portal: Portal) -> None:
    with portal.store.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE items")
    assert scraped(portal) == {("vigie_up", ""): 0}


def test_scrapes_within_a_few_seconds_are_one_look(portal: Portal) -> None:
    before = scraped(portal)
    portal.bus.publish(COLLECTED, [Message("netz", b"{}")])
    portal.clock.advance(seconds=FRESH.total_seconds() - 0.1)
    assert scraped(portal) == before
    portal.clock.advance(seconds=0.1)
    assert scraped(portal)["vigie_stage_backlog_records", "classifier"] == 1


def test_a_clock_that_is_set_back_does_not_freeze_the_gauges(portal: Portal) -> None:
    scraped(portal)
    portal.bus.publish(COLLECTED, [Message("netz", b"{}")])
    portal.clock.advance(seconds=-3600)
    assert scraped(portal)["vigie_stage_backlog_records", "classifier"] == 1


def test_no_person_no_source_and_no_cause_is_named(portal: Portal) -> None:
    portal.subscribed()
    with portal.store.writing() as session:
        beat(session, "one", {"notifier": "the relay mail.example.org refuses"}, portal.clock.now())
    text = portal.get("/metrics").text
    assert [word for word in (ADDRESS, "example.org", "dfki", "refuses") if word in text] == []


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.1"}])
def test_a_rebound_name_or_an_unknown_proxy_reads_nothing(portal: Portal, headers: dict[str, str]) -> None:
    answer = portal.get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "vigie_items" not in answer.text


def test_beyond_loopback_it_wants_the_password_of_the_operations_pages(portal_with: Opening) -> None:
    portal = portal_with(http="0.0.0.0:8080", admin_password=PASSWORD)
    refused = portal.get("/metrics")
    assert (refused.status_code, "vigie_items" in refused.text) == (401, False)
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert portal.get("/metrics", headers=basic("wrong")).status_code == 401
    granted = portal.get("/metrics", headers=basic(PASSWORD))
    assert (granted.status_code, "vigie_items" in granted.text) == (200, True)


def test_beyond_loopback_it_is_shut_without_a_password(portal_with: Opening) -> None:
    answer = portal_with(http="0.0.0.0:8080").get("/metrics")
    assert answer.status_code == 403
    assert "vigie_items" not in answer.text
